import { LRUCache } from 'lru-cache';
import type { Aor } from '#model';
import type { Clock, Log, Random } from '#runtime';
import { type Incoming, type Refusal, refuse } from '#sip';
import type { TrustedPeers } from './asserted-identity.ts';
import type { Authenticated } from './authenticate.ts';
import { makeRetryAfter } from './retry-after.ts';
import { nothing } from './walk.ts';

/** How many requests a second somebody may send for long; 0: as many as they like. */
export interface RateLimits {
  /** Of one account, by whatever devices. */
  readonly account: number;
  /** Of one address, without credentials. */
  readonly source: number;
}

/** Somebody who was silent may send so many seconds' worth at once: a phone that starts asks for its whole contact list. */
const BURST_SECONDS = 20;
/** How many buckets are kept; whoever's is dropped for room begins with a full one. */
const ACCOUNTS = 100_000;
const SOURCES = 50_000;
/** A flood is said once, and then this often, with the number of requests. */
const SAY_EVERY_MS = 60_000;

export interface Rates {
  /** Before authentication: a request with no credentials takes from its source. One with credentials is looked at. */
  admitSource(incoming: Pick<Incoming, 'request' | 'flow'>): object | Refusal;
  /** After it: takes from the account, and gives the source back what the challenge took; proving a password is no flood. */
  admitAccount(known: Authenticated & Pick<Incoming, 'flow'>): object | Refusal;
}

/**
 * Token buckets (refill at a steady rate, hold a burst) for SUBSCRIBE and PUBLISH: 503 with Retry-After (RFC 3261 §21.5.4)
 * for whoever asks for more. A source is refused only what it asks without credentials, so a flood from behind a NAT, or
 * under a forged address, shuts out nobody there who has a challenge to answer. Trusted peers speak for many, and count
 * for none.
 */
export function makeRates(needs: {
  readonly limits: RateLimits;
  readonly trusted: TrustedPeers;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): Rates {
  const { limits, trusted, clock, log } = needs;
  const accounts = makeBuckets(limits.account, ACCOUNTS, clock);
  const sources = makeBuckets(limits.source, SOURCES, clock);
  const retryAfter = makeRetryAfter(needs.random);
  let count = 0;
  let saidAt = Number.NEGATIVE_INFINITY;

  function tooMany(who: string): Refusal {
    count += 1;
    if (clock.now() - saidAt >= SAY_EVERY_MS) {
      log.warn({ who, requests: count }, 'too many requests: some are refused');
      saidAt = clock.now();
      count = 0;
    }
    const { refused: answer } = refuse(503, [['Retry-After', retryAfter()]], 'Too Many Requests');
    // Answered and forgotten, also where the sender is known: a flood must cost us no memory.
    return { refused: { ...answer, stateless: true } };
  }

  return {
    admitSource({ request, flow }) {
      if (limits.source === 0 || request.authorization.length > 0 || trusted.has(flow.address)) return nothing;
      return sources.take(sourceOf(flow.address)) ? nothing : tooMany(flow.address);
    },
    admitAccount({ identity, flow }) {
      if (limits.source !== 0) sources.giveBack(sourceOf(flow.address));
      return limits.account === 0 || accounts.take(identity) ? nothing : tooMany(identity);
    },
  };
}

/** One house has a whole /64 of IPv6 addresses. */
function sourceOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':');
  if (tail !== undefined) while (groups.length < 4) groups.push('0');
  return groups.slice(0, 4).join(':');
}

interface Buckets {
  take(key: Aor | string): boolean;
  giveBack(key: Aor | string): void;
}

/** A bucket is the moment when it will be full again, in ms times the rate: so all of it are whole numbers. */
interface Bucket {
  fullAt: number;
}

/** At one a second a thousand ms, at two 500 ms. */
const A_REQUEST = 1000;

function makeBuckets(rate: number, capacity: number, clock: Clock): Buckets {
  const burst = BURST_SECONDS * 1000 * rate;
  const since = clock.now();
  const buckets = new LRUCache<string, Bucket>({ max: capacity });

  return {
    take(key) {
      const now = (clock.now() - since) * rate;
      const bucket = buckets.get(key);
      const fullAt = Math.max(bucket?.fullAt ?? now, now) + A_REQUEST;
      if (fullAt - now > burst) return false;
      if (bucket === undefined) buckets.set(key, { fullAt });
      else bucket.fullAt = fullAt;
      return true;
    },
    giveBack(key) {
      const bucket = buckets.get(key);
      if (bucket !== undefined) bucket.fullAt -= A_REQUEST;
    },
  };
}
