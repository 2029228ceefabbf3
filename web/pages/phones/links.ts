import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Aor } from '#model';
import { every } from '#runtime';
import type { PortalDeps } from '../../deps.ts';

/** A link that opens one phone's settings once. */
const PURPOSE = 'phone';
export const LINK_MS = 10 * 60_000;
const SECRET_LENGTH = 32;
const PURGE_EVERY_MS = 3_600_000;

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export interface PhoneLinks {
  /** A new link's secret; the owner's older one opens nothing any more. */
  issue(owner: Aor): Promise<{ readonly secret: string; readonly expiresAt: number }>;
  /** Whose settings it opens, this once. */
  spend(secret: string): Promise<Aor | undefined>;
}

export function makePhoneLinks(pages: FastifyInstance, { store, clock, random, log }: PortalDeps): PhoneLinks {
  const purging = every(
    clock,
    PURGE_EVERY_MS,
    async () => void (await store.tickets.purge(clock.now())),
    (fault) => log.warn({ fault: String(fault) }, 'old links could not be purged'),
  );
  pages.addHook('onClose', async () => purging.cancel());
  return {
    async issue(owner) {
      const secret = random.token(SECRET_LENGTH);
      const expiresAt = clock.now() + LINK_MS;
      await store.tickets.issue({ idHash: hashOf(secret), owner, purpose: PURPOSE, expiresAt });
      return { secret, expiresAt };
    },
    spend: (secret) =>
      secret.length === SECRET_LENGTH
        ? store.tickets.spend(hashOf(secret), PURPOSE, clock.now())
        : Promise.resolve(undefined),
  };
}
