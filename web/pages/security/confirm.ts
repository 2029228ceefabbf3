import type { FastifyRequest } from 'fastify';
import type { PortalDeps } from '../../deps.ts';
import { MAX_PASSWORD_LENGTH } from '../../passwords.ts';
import { type FormErrors, fieldOf } from '../../plugins/forms.ts';
import { tooSoon } from '../../plugins/held-back.ts';
import { makeLimit } from '../../plugins/limits.ts';
import { memberOf } from '../../plugins/session.ts';

/** Wrong guesses of whoever sits at an open browser; right ones are not counted. */
const PER_ACCOUNT = { burst: 5, refillMs: 60_000 };

export function makeConfirm(
  deps: PortalDeps,
): (request: FastifyRequest, field: string) => Promise<FormErrors | 'right'> {
  const { store, secrets } = deps;
  const limit = makeLimit(deps.clock, PER_ACCOUNT);

  return async function confirm(request, field) {
    const { words } = request;
    const { aor } = memberOf(request);
    const password = fieldOf(request.body, field).slice(0, 4 * MAX_PASSWORD_LENGTH);
    if (password === '') return { [field]: words.security.needPassword };
    const waitSeconds = limit.take(aor);
    if (waitSeconds > 0) return { [field]: tooSoon(waitSeconds, words) };
    const stored = await store.accounts.passwordHash(aor);
    if (stored?.hash === undefined || !(await secrets.verifyPassword(stored.hash, password))) {
      return { [field]: words.security.wrongPassword };
    }
    limit.giveBack(aor);
    return 'right';
  };
}
