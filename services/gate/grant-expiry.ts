import { grantExpiry } from '#model';
import type { Random } from '#runtime';
import { type Refusal, readNumber, refuse, type SipRequest } from '#sip';
import type { PackageFound } from './find-package.ts';

/** Seconds granted; never more than asked for (RFC 6665 §4.2.1.1, RFC 3903 §6 step 4). */
export interface ExpiryGranted {
  readonly expires: number;
}

const MAX_DELTA_SECONDS = 2 ** 32 - 1;

export function makeGrantRequestExpiry(random: Pick<Random, 'fraction'>) {
  return function grantRequestExpiry(known: PackageFound & { readonly request: SipRequest }): ExpiryGranted | Refusal {
    const text = known.request.headers.get('expires');
    const requested = text === undefined ? undefined : readNumber(text, MAX_DELTA_SECONDS);
    if (text !== undefined && requested === undefined) return refuse(400, [], 'Bad Expires');
    const { duration } = known.eventPackage;
    const spread = requested !== undefined && requested > duration.max ? random.fraction() : 0;
    const grant = grantExpiry(requested, duration, spread);
    if (grant.kind === 'too-brief') return refuse(423, [['Min-Expires', String(grant.min)]]);
    return { expires: grant.expires };
  };
}
