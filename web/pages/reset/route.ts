import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Aor } from '#model';
import { MAILS_ASKS, noteAct, spendLink } from '#store';
import type { PortalDeps } from '../../deps.ts';
import { forgetMail, mailIn } from '../../mail/address.ts';
import { makePasswordNotice } from '../../mail/password-notice.ts';
import { weaknessOf } from '../../passwords.ts';
import { say } from '../../plugins/flash.ts';
import { type FormErrors, fieldOf } from '../../plugins/forms.ts';
import { heldBack } from '../../plugins/held-back.ts';
import { homeOf, makeLimit } from '../../plugins/limits.ts';
import { show } from '../../plugins/view.ts';

/** Links are of 192 bits; this only keeps somebody from having passwords hashed all day. */
const PER_HOME = { burst: 20, refillMs: 30_000 };

/**
 * GET, POST /reset : a new password by a link that an administrator or a mail brought. The link is spent only when the new
 * password is good. Whoever has it gets the account: every browser is logged out and passkeys go, because
 * somebody else may have made one; a second factor stays.
 */
export function reset(pages: FastifyInstance, deps: PortalDeps): void {
  const { store, secrets, realms, clock } = deps;
  const perHome = makeLimit(clock, PER_HOME);
  const tellOwner = makePasswordNotice(deps);

  pages.get('/reset', async (request, reply) => {
    // A link in an address must not travel on to another place.
    reply.header('referrer-policy', 'no-referrer');
    return form(request, reply, 200, {});
  });

  pages.post('/reset', async (request, reply) => {
    const { words } = request;
    const waitSeconds = perHome.take(homeOf(request.ip));
    if (waitSeconds > 0) return form(request, reply, 429, { '': heldBack(reply, waitSeconds, words) });
    const password = fieldOf(request.body, 'password');
    const weakness = weaknessOf(password, '', words);
    if (weakness !== undefined) return form(request, reply, 422, { password: weakness });
    // Before the link is spent: where too many passwords are being checked, this throws.
    const passwordHash = await secrets.hashPassword(password);
    const secret = fieldOf(request.body, 'link');
    const byHand = await spendLink(secret, 'password', deps);
    const aor = byHand ?? (await spendLink(secret, 'forgot', deps));
    const account = aor === undefined ? undefined : await store.accounts.find(aor);
    if (account === undefined || account.disabled) return form(request, reply, 422, { '': words.reset.spent });
    await store.accounts.setSecrets(account.aor, {
      passwordHash,
      credentials: secrets.credentialsFor(account.username, realms.of(account.domain), password),
    });
    await store.tickets.forget(account.aor);
    await store.sessions.endAll(account.aor);
    await store.passkeys.removeAll(account.aor);
    await noteAct(deps, { name: account.aor, address: request.ip }, 'password-reset', account.aor);
    await tellOwner(account.aor);
    const hadMail = byHand !== undefined && (await takeMailAway(request, account.aor));
    say(reply, hadMail ? words.reset.doneWithoutMail : words.reset.done);
    return reply.redirect('/login', 303);
  });

  /** Who asks an administrator for a link does not read that mail, or somebody else does as well. */
  async function takeMailAway(request: FastifyRequest, owner: Aor): Promise<boolean> {
    const { address, unconfirmed } = mailIn(await store.preferences.of(owner));
    if (address === undefined && unconfirmed === undefined) return false;
    await store.preferences.set(owner, MAILS_ASKS, undefined);
    await forgetMail(owner, deps);
    await noteAct(deps, { name: owner, address: request.ip }, 'mail-removed', owner);
    return true;
  }

  function form(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    errors: FormErrors,
  ): Promise<FastifyReply> {
    const secret = fieldOf(request.method === 'GET' ? request.query : request.body, 'link');
    const model = { secret, errors };
    return show(request, reply, deps, { page: 'reset', title: request.words.reset.title, status, model });
  }
}
