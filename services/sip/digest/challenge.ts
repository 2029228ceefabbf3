import { quote } from '../grammar/index.ts';
import type { DigestAlgorithm } from './algorithms.ts';

export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: DigestAlgorithm;
  /** The password may well be right, the nonce is too old: the client should answer anew without asking its user. */
  readonly stale: boolean;
  /** `auth`, or `auth,auth-int`. */
  readonly qop: string;
}

/** Value of a WWW-Authenticate header (RFC 7616 §3.3, RFC 3261 §22.4): qop quoted, algorithm and stale not. */
export function writeChallenge({ realm, nonce, algorithm, stale, qop }: Challenge): string {
  const text = `Digest realm=${quote(realm)}, nonce=${quote(nonce)}, algorithm=${algorithm}, qop=${quote(qop)}`;
  return stale ? `${text}, stale=true` : text;
}
