import { createHash } from 'node:crypto';
import type { Aor } from '#model';
import type { Clock, Random } from '#runtime';
import type { Tickets } from './personal.ts';

/** Links that act for somebody, once, within their time. The database holds the hash of the secret alone. */

/**
 * `phone`: opens one phone's settings; `password`: sets a new one, from an administrator; `forgot`: the same, by mail;
 * `mail`: confirms a mail address.
 */
export type LinkPurpose = 'phone' | 'password' | 'forgot' | 'mail';

/** Of 6 bits each: 192 random bits. */
const SECRET_LENGTH = 32;
const IS_SECRET = /^[\w-]{32}$/;

export const makeSecret = (random: Random): string => random.token(SECRET_LENGTH);

export const isSecret = (text: string): boolean => IS_SECRET.test(text);

export const hashOfSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export interface LinkNeeds {
  readonly store: { readonly tickets: Tickets };
  readonly clock: Clock;
  readonly random: Random;
}

export interface SecretLink {
  /** 32 characters that can stand in an address as they are. */
  readonly secret: string;
  readonly expiresAt: number;
}

/** A new link; the owner's older one for the same purpose opens nothing any more. Undefined without an account. */
export async function issueLink(
  owner: Aor,
  purpose: LinkPurpose,
  livesMs: number,
  { store, clock, random }: LinkNeeds,
): Promise<SecretLink | undefined> {
  const secret = makeSecret(random);
  const expiresAt = clock.now() + livesMs;
  const issued = await store.tickets.issue({ idHash: hashOfSecret(secret), owner, purpose, expiresAt });
  return issued ? { secret, expiresAt } : undefined;
}

/** For whom it acts, this once. */
export async function spendLink(
  secret: string,
  purpose: LinkPurpose,
  { store, clock }: Pick<LinkNeeds, 'store' | 'clock'>,
): Promise<Aor | undefined> {
  return isSecret(secret) ? store.tickets.spend(hashOfSecret(secret), purpose, clock.now()) : undefined;
}
