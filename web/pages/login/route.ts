import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Aor } from '#model';
import type { PortalDeps } from '../../deps.ts';
import { readReturn } from '../../navigation.ts';
import { placeOf } from '../../passkeys.ts';
import { type FormErrors, fieldOf } from '../../plugins/forms.ts';
import { heldBack } from '../../plugins/held-back.ts';
import { homeOf, makeLimit } from '../../plugins/limits.ts';
import { openSession } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { checkLogin } from './check.ts';
import { keptOf, readLogin } from './form.ts';
import { waitForCode } from './second-step.ts';

/** Wrong guesses per home and per account; right passwords are not counted. */
const PER_HOME = { burst: 20, refillMs: 30_000 };
const PER_ACCOUNT = { burst: 10, refillMs: 60_000 };

/** GET, POST /login */
export function login(pages: FastifyInstance, deps: PortalDeps): void {
  const perHome = makeLimit(deps.clock, PER_HOME);
  const perAccount = makeLimit(deps.clock, PER_ACCOUNT);

  pages.get('/login', async (request, reply) => {
    if (request.visit.kind === 'member') return reply.redirect('/presence', 303);
    return form(request, reply, 200, {});
  });

  pages.post('/login', async (request, reply) => {
    const reading = readLogin(request.body, deps.domains, request.words);
    if (reading.kind === 'wrong') return form(request, reply, 422, reading.errors);
    const home = homeOf(request.ip);
    // Unknown names are counted like known ones, or the count itself would tell them apart.
    const account = reading.values.aor ?? keptOf(request.body).username.slice(0, 255);
    // One after the other: who is held back already does not use up the account's tries.
    const waitSeconds = perHome.take(home) || perAccount.take(account);
    if (waitSeconds > 0) return tooMany(request, reply, waitSeconds);
    const check = await checkLogin(reading.values, deps);
    switch (check.kind) {
      case 'unknown':
        return form(request, reply, 422, { '': request.words.login.wrong });
      case 'disabled':
        return form(request, reply, 422, { '': request.words.login.closed });
      case 'welcome':
        perHome.giveBack(home);
        perAccount.giveBack(account);
        return enter(request, reply, check.aor);
    }
  });

  async function enter(request: FastifyRequest, reply: FastifyReply, aor: Aor): Promise<FastifyReply> {
    const next = readReturn(fieldOf(request.body, 'next'));
    if ((await deps.store.secondFactors.of(aor)) !== undefined) {
      waitForCode(reply, aor, deps.clock.now());
      return reply.redirect(`/login/code?next=${encodeURIComponent(next)}`, 303);
    }
    await openSession(request, reply, aor, deps);
    return reply.redirect(next, 303);
  }

  function tooMany(request: FastifyRequest, reply: FastifyReply, waitSeconds: number): Promise<FastifyReply> {
    return form(request, reply, 429, { '': heldBack(reply, waitSeconds, request.words) });
  }

  function form(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    errors: FormErrors,
  ): Promise<FastifyReply> {
    const next = readReturn(fieldOf(request.method === 'GET' ? request.query : request.body, 'next'));
    const model = { kept: keptOf(request.body), errors, next, hasPasskeys: placeOf(request, deps) !== undefined };
    return show(request, reply, deps, { page: 'login', title: request.words.login.title, status, model });
  }
}
