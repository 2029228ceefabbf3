import { createHash } from 'node:crypto';
import type { Aor } from '#model';
import type { PortalDeps } from './deps.ts';

/** Links that act for somebody, once, within their time. The database holds the hash of the secret alone. */

/** `password`: sets a new one; `mail`: confirms a mail address. */
export type LinkPurpose = 'password' | 'mail';

const SECRET_LENGTH = 32;
const IS_SECRET = /^[\w-]{32}$/;

export const hashOfSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

type Needs = Pick<PortalDeps, 'store' | 'clock' | 'random'>;

/** A new link's secret; the owner's older one for the same purpose opens nothing any more. Undefined without an account. */
export async function issueLink(
  owner: Aor,
  purpose: LinkPurpose,
  livesMs: number,
  { store, clock, random }: Needs,
): Promise<string | undefined> {
  const secret = random.token(SECRET_LENGTH);
  const ticket = { idHash: hashOfSecret(secret), owner, purpose, expiresAt: clock.now() + livesMs };
  return (await store.tickets.issue(ticket)) ? secret : undefined;
}

/** For whom it acts, this once. */
export async function spendLink(
  secret: string,
  purpose: LinkPurpose,
  { store, clock }: Needs,
): Promise<Aor | undefined> {
  return IS_SECRET.test(secret) ? store.tickets.spend(hashOfSecret(secret), purpose, clock.now()) : undefined;
}
