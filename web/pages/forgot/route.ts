import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Aor } from '#model';
import { nextTurn } from '#runtime';
import { issueLink } from '#store';
import type { PortalDeps } from '../../deps.ts';
import { mailIn } from '../../mail/address.ts';
import { readLoginName } from '../../names.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { heldBack } from '../../plugins/held-back.ts';
import { homeOf, makeLimit } from '../../plugins/limits.ts';
import { show } from '../../plugins/view.ts';
import { addressWords } from '../../words/protocol.ts';

const PER_HOME = { burst: 5, refillMs: 120_000 };
const PER_ACCOUNT = { burst: 3, refillMs: 600_000 };
const LINK_MS = 30 * 60_000;

/**
 * GET, POST /forgot : a link to set a new password, by mail. The answer is the same, and given at once, whether or not there is
 * such an account, it has a mail address, or too many links went there: all of that is looked at after the answer.
 */
export function forgot(pages: FastifyInstance, deps: PortalDeps): void {
  const { store, clock, log, mailer, url } = deps;
  const perHome = makeLimit(clock, PER_HOME);
  const perAccount = makeLimit(clock, PER_ACCOUNT);

  pages.get('/forgot', (request, reply) => page(request, reply, 200, {}));

  pages.post('/forgot', async (request, reply) => {
    const { words } = request;
    if (mailer === undefined || url === undefined) return page(request, reply, 200, {});
    const name = fieldOf(request.body, 'username').trim().slice(0, 320);
    if (name === '') return page(request, reply, 422, { error: words.login.needName });
    const waitSeconds = perHome.take(homeOf(request.ip));
    if (waitSeconds > 0) return page(request, reply, 429, { trouble: heldBack(reply, waitSeconds, words) });
    const aor = readLoginName(name, deps.domains);
    if (aor !== undefined) {
      nextTurn(() => {
        sendLink(aor).catch((fault) => log.warn({ fault: String(fault) }, 'a link could not be mailed'));
      });
    }
    return page(request, reply, 200, { done: true });
  });

  async function sendLink(aor: Aor): Promise<void> {
    if (perAccount.take(aor) > 0) return;
    const account = await store.accounts.find(aor);
    if (account === undefined || account.disabled) return;
    const { address, words } = mailIn(await store.preferences.of(aor));
    if (address === undefined) return;
    const link = await issueLink(aor, 'forgot', LINK_MS, deps);
    if (link === undefined) return;
    const letter = words.mail.letters.forgot(addressWords(aor), `${url}reset?link=${link.secret}`);
    mailer?.send({ to: address, ...letter });
  }

  function page(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    shown: { readonly error?: string; readonly trouble?: string; readonly done?: boolean },
  ): Promise<FastifyReply> {
    const canMail = mailer !== undefined && url !== undefined;
    const kept = fieldOf(request.body, 'username').slice(0, 320);
    const { title } = request.words.forgot;
    return show(request, reply, deps, { page: 'forgot', title, status, model: { canMail, kept, ...shown } });
  }
}
