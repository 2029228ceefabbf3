import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readAor } from '#model';
import { type Account, issuePasswordLink, logOutEverywhere, turnAccount, turnAdmin } from '#store';
import { externalUrl } from '../../external-url.ts';
import { administratorsOnly, asAdministrator } from '../../plugins/acting.ts';
import { say } from '../../plugins/flash.ts';
import { type FormErrors, fieldOf } from '../../plugins/forms.ts';
import { memberOf } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { addressWords } from '../../words/protocol.ts';
import type { AdminKit } from './kit.ts';

/** What is shown only now, or is wrong. */
interface Shown {
  readonly status?: number;
  readonly errors?: FormErrors;
  readonly made?: { readonly link: string; readonly expiresAt: number };
}

/**
 * GET /admin/account?of=AOR; POST /admin/account/disable, /enable, /log-out, /reset-link, /make-admin, /unmake-admin : one
 * account. What gives somebody an account, or the whole server, asks for the administrator's own password once more.
 */
export function account(pages: FastifyInstance, { deps, confirm }: AdminKit): void {
  const { store, clock } = deps;
  const guarded = { onRequest: administratorsOnly };

  pages.get('/admin/account', guarded, async (request, reply) => {
    const found = await accountNamed(fieldOf(request.query, 'of'));
    return found === undefined ? lost(request, reply) : page(request, reply, found, {});
  });

  /** POST of one act on an account, which is told in a sentence on the same page; undefined: it was refused. */
  const act = (
    name: string,
    work: (request: FastifyRequest, account: Account, who: string) => Promise<string | undefined>,
    asksPassword = false,
  ): void => {
    pages.post(`/admin/account/${name}`, guarded, async (request, reply) => {
      const found = await accountNamed(fieldOf(request.body, 'of'));
      if (found === undefined) return lost(request, reply);
      if (asksPassword) {
        const confirmed = await confirm(request, 'admin-password');
        if (confirmed !== 'right') return page(request, reply, found, { status: 422, errors: confirmed });
      }
      const sentence = await work(request, found, addressWords(found.aor));
      say(reply, sentence ?? request.words.admin.account.refused);
      return reply.redirect(linkTo(found), 303);
    });
  };

  for (const [name, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const) {
    act(name, async (request, { aor }, who) => {
      const done = await turnAccount(deps, asAdministrator(request), aor, disabled);
      return done ? request.words.admin.account[name].done(who) : undefined;
    });
  }
  act('log-out', async (request, { aor }, who) => {
    const ended = await logOutEverywhere(deps, asAdministrator(request), aor);
    return request.words.admin.account.logOut.done(who, ended);
  });
  act(
    'make-admin',
    async (request, { aor }, who) => {
      const done = await turnAdmin(deps, asAdministrator(request), aor, true);
      return done ? request.words.admin.account.admin.made(who) : undefined;
    },
    true,
  );
  act('unmake-admin', async (request, { aor }, who) => {
    const done = await turnAdmin(deps, asAdministrator(request), aor, false);
    return done ? request.words.admin.account.admin.unmade(who) : undefined;
  });

  pages.post('/admin/account/reset-link', guarded, async (request, reply) => {
    const found = await accountNamed(fieldOf(request.body, 'of'));
    if (found === undefined) return lost(request, reply);
    const confirmed = await confirm(request, 'reset-password');
    if (confirmed !== 'right') return page(request, reply, found, { status: 422, errors: confirmed });
    const issued = await issuePasswordLink(deps, asAdministrator(request), found.aor);
    if (issued === undefined) return lost(request, reply);
    // Never in an address or a cookie: this answer is the only place where it stands.
    const made = { link: externalUrl(request, deps, issued.path), expiresAt: issued.expiresAt };
    return page(request, reply, found, { made });
  });

  const linkTo = ({ aor }: Account): string => `/admin/account?${new URLSearchParams({ of: aor })}`;

  async function accountNamed(text: string): Promise<Account | undefined> {
    const aor = readAor(text);
    return aor === undefined ? undefined : store.accounts.find(aor);
  }

  function lost(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    say(reply, request.words.admin.account.lost);
    return reply.redirect('/admin/users', 303);
  }

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    found: Account,
    { status = 200, errors = {}, made }: Shown,
  ): Promise<FastifyReply> {
    const { aor, createdAt, disabled, admin } = found;
    const now = clock.now();
    const [sessions, publications, watchers, devices, factor, passkeys] = await Promise.all([
      store.sessions.of(aor, now),
      store.publications.of(aor, now),
      store.glances.watchers([aor], now),
      store.devicePasswords.of(aor),
      store.secondFactors.of(aor),
      store.passkeys.of(aor),
    ]);
    const address = addressWords(aor);
    const model = {
      of: aor,
      address,
      createdAt,
      disabled,
      admin: admin === true,
      mine: aor === memberOf(request).aor,
      sessions: sessions.length,
      publications: publications.length,
      watchers: watchers.get(aor)?.watching ?? 0,
      asking: watchers.get(aor)?.asking ?? 0,
      devices: devices.length,
      factor: factor !== undefined,
      passkeys: passkeys.length,
      made,
      errors,
    };
    return show(request, reply, deps, { page: 'admin/account', title: address, status, model });
  }
}
