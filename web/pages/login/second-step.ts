import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Aor } from '#model';
import type { PortalDeps } from '../../deps.ts';
import { readReturn } from '../../navigation.ts';
import { passesFactor } from '../../one-time-codes.ts';
import { placeOf } from '../../passkeys.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { heldBack } from '../../plugins/held-back.ts';
import { makeLimit } from '../../plugins/limits.ts';
import { openSession } from '../../plugins/session.ts';
import { readSigned, setSigned } from '../../plugins/signed-cookie.ts';
import { show } from '../../plugins/view.ts';

/** Guesses of a six-digit code, of which three are right at a time: about a year of trying for an even chance. */
const PER_ACCOUNT = { burst: 5, refillMs: 120_000 };
/** So long the right password waits for its code, seconds. */
const WAITS = 300;
const NAME = 'porchlight_half';
const OPTIONS = { path: '/login', httpOnly: true, sameSite: 'lax', secure: 'auto' } as const;

interface Half {
  readonly aor: Aor;
  readonly until: number;
}

/** The password was right: who it was is kept in a signed cookie until the code comes. */
export function waitForCode(reply: FastifyReply, aor: Aor, now: number): void {
  setSigned(reply, NAME, NAME, { aor, until: now + WAITS * 1000 } satisfies Half, { ...OPTIONS, maxAge: WAITS });
}

/** GET, POST /login/code : the second step, where an account asks for one. */
export function secondStep(pages: FastifyInstance, deps: PortalDeps): void {
  const limit = makeLimit(deps.clock, PER_ACCOUNT);

  pages.get('/login/code', async (request, reply) => {
    if (request.visit.kind === 'member') return reply.redirect('/presence', 303);
    return halfIn(request) === undefined ? reply.redirect('/login', 303) : form(request, reply, 200, undefined);
  });

  pages.post('/login/code', async (request, reply) => {
    const aor = halfIn(request);
    if (aor === undefined) return reply.redirect('/login', 303);
    const { words } = request;
    const waitSeconds = limit.take(aor);
    if (waitSeconds > 0) return form(request, reply, 429, heldBack(reply, waitSeconds, words));
    const account = await deps.store.accounts.find(aor);
    if (account === undefined || account.disabled) return reply.redirect('/login', 303);
    if (!(await passesFactor(aor, fieldOf(request.body, 'code').slice(0, 64), deps))) {
      return form(request, reply, 422, words.code.wrong);
    }
    limit.giveBack(aor);
    reply.clearCookie(NAME, { path: '/login', secure: 'auto' });
    await openSession(request, reply, aor, deps);
    return reply.redirect(readReturn(fieldOf(request.body, 'next')), 303);
  });

  function halfIn(request: FastifyRequest): Aor | undefined {
    const half = readSigned<Half>(request, NAME, NAME);
    return half !== undefined && half.until > deps.clock.now() ? half.aor : undefined;
  }

  function form(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    error: string | undefined,
  ): Promise<FastifyReply> {
    const next = readReturn(fieldOf(request.method === 'GET' ? request.query : request.body, 'next'));
    const model = { error, next, hasPasskeys: placeOf(request, deps) !== undefined };
    const { title } = request.words.code;
    return show(request, reply, deps, { page: 'login/code', title, status, model });
  }
}
