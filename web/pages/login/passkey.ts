import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PortalDeps } from '../../deps.ts';
import { readReturn } from '../../navigation.ts';
import { claimedKey, offerLogin, placeOf, readLogin } from '../../passkeys.ts';
import { makeChallenges } from '../../plugins/challenge.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { heldBack } from '../../plugins/held-back.ts';
import { homeOf, makeLimit } from '../../plugins/limits.ts';
import { openSession } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';

/** Answers that are wrong, from one home. */
const PER_HOME = { burst: 20, refillMs: 30_000 };

/**
 * GET, POST /login/passkey : the browser's user chooses one of their passkeys, and is in. No code is asked for besides: a
 * passkey is two steps in one.
 */
export function passkeyLogin(pages: FastifyInstance, deps: PortalDeps): void {
  const { store, clock } = deps;
  const perHome = makeLimit(clock, PER_HOME);
  const challenges = makeChallenges(clock, '/login');

  pages.get('/login/passkey', async (request, reply) => {
    if (request.visit.kind === 'member') return reply.redirect('/presence', 303);
    return form(request, reply, 200, undefined);
  });

  pages.post('/login/passkey', async (request, reply) => {
    const { words } = request;
    const asked = challenges.answered(request, reply);
    const place = placeOf(request, deps);
    const home = homeOf(request.ip);
    const waitSeconds = perHome.take(home);
    if (waitSeconds > 0) return form(request, reply, 429, heldBack(reply, waitSeconds, words));
    if (asked === undefined || place === undefined) return form(request, reply, 422, words.passkey.late);
    const answer = fieldOf(request.body, 'response');
    const id = claimedKey(answer);
    const key = id === undefined ? undefined : await store.passkeys.find(id);
    const counter = key && (await readLogin(answer, asked.challenge, place, key));
    if (key === undefined || counter === undefined) return form(request, reply, 422, words.passkey.failed);
    const account = await store.accounts.find(key.aor);
    if (account === undefined || account.disabled) return form(request, reply, 422, words.login.closed);
    perHome.giveBack(home);
    await store.passkeys.noteUse(key.id, counter, clock.now());
    await openSession(request, reply, account.aor, deps);
    return reply.redirect(readReturn(fieldOf(request.body, 'next')), 303);
  });

  async function form(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    error: string | undefined,
  ): Promise<FastifyReply> {
    const place = placeOf(request, deps);
    const options = place && (await offerLogin(place));
    if (options !== undefined) challenges.ask(reply, options.challenge);
    const next = readReturn(fieldOf(request.method === 'GET' ? request.query : request.body, 'next'));
    const model = { error, next, question: options && JSON.stringify(options) };
    const { title } = request.words.passkey;
    return show(request, reply, deps, { page: 'login/passkey', title, status, model });
  }
}
