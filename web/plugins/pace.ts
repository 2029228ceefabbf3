import type { FastifyInstance } from 'fastify';
import type { PortalDeps } from '../deps.ts';
import { homeOf, makeLimit } from './limits.ts';

/** Forms of one account, or of one home where nobody is logged in: far more than hands can send. */
const FORMS = { burst: 120, refillMs: 1000 };

export class TooFast extends Error {
  override readonly name = 'TooFast';
  readonly statusCode = 429;
  readonly waitSeconds: number;

  constructor(waitSeconds: number) {
    super('too many forms');
    this.waitSeconds = waitSeconds;
  }
}

/**
 * How fast forms may come, whichever they are: each writes rows, wakes the SIP service or costs a password's check. What can be
 * guessed at has a stricter limit of its own beside it.
 */
export function addPace(pages: FastifyInstance, { clock }: PortalDeps): void {
  const limit = makeLimit(clock, FORMS);
  pages.addHook('preHandler', async ({ method, visit, ip }) => {
    if (method !== 'POST') return;
    const waitSeconds = limit.take(visit.kind === 'member' ? visit.account.aor : homeOf(ip));
    if (waitSeconds > 0) throw new TooFast(waitSeconds);
  });
}
