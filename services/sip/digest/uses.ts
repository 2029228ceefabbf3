import { NonceCounts } from './nonce-counts.ts';

/** When a nonce was minted; two of one millisecond are ordered by their salt, so that the order is total. */
export interface Minted {
  /** Epoch ms. */
  readonly at: number;
  readonly salt: number;
  /** By this process; others know nothing of its counts. */
  readonly ofThisBoot: boolean;
}

/** A nonce of ours that proved a password: what it says, and which counts it came with. One object: each phone has one. */
export class Use extends NonceCounts implements Minted {
  readonly at: number;
  readonly salt: number;
  /** Who proved it: the nonce is theirs alone. */
  readonly owner: string;

  constructor({ at, salt }: Instant, owner: string) {
    super();
    this.at = at;
    this.salt = salt;
    this.owner = owner;
  }

  /** Others are not kept. */
  get ofThisBoot(): boolean {
    return true;
  }
}

type Instant = Pick<Minted, 'at' | 'salt'>;

/** The counts of the nonces in use, of which memory holds so many and no more. */
export interface Uses {
  get(nonce: string): Use | undefined;
  /** Starts to remember one; forgets the oldest-minted when there is no room, and moves the horizon behind them. */
  begin(nonce: string, minted: Instant, now: number, owner: string): Use;
  /** Nothing minted up to here may be accepted any more: what was known of its use may be forgotten. */
  readonly horizon: Instant;
}

/** Nonces minted at about the same time are forgotten together, so that forgetting costs next to nothing a nonce. */
interface Bucket {
  readonly nonces: string[];
  youngest: Instant;
}

const BUCKETS = 256;

export function makeUses(capacity: number, lifetimeMs: number): Uses {
  const uses = new Map<string, Use>();
  const buckets = new Map<number, Bucket>();
  const spanMs = Math.max(1, Math.ceil(lifetimeMs / BUCKETS));
  let horizon: Instant = { at: -1, salt: 0 };

  function forgetOldest(): void {
    const oldest = Math.min(...buckets.keys());
    const bucket = buckets.get(oldest);
    if (bucket === undefined) return;
    buckets.delete(oldest);
    for (const nonce of bucket.nonces) uses.delete(nonce);
    if (isAfter(bucket.youngest, horizon)) horizon = bucket.youngest;
  }

  /** Those that are stale by age alone move the horizon nowhere that matters. */
  function forgetExpired(now: number): void {
    for (const [start, bucket] of buckets) {
      if ((start + 1) * spanMs + lifetimeMs >= now) continue;
      buckets.delete(start);
      for (const nonce of bucket.nonces) uses.delete(nonce);
      if (isAfter(bucket.youngest, horizon)) horizon = bucket.youngest;
    }
  }

  return {
    get: (nonce) => uses.get(nonce),
    begin(nonce, minted, now, owner) {
      if (uses.size >= capacity) {
        forgetExpired(now);
        if (uses.size >= capacity) forgetOldest();
      }
      const start = Math.floor(minted.at / spanMs);
      const use = new Use(minted, owner);
      const bucket = buckets.get(start) ?? { nonces: [], youngest: use };
      bucket.nonces.push(nonce);
      if (isAfter(use, bucket.youngest)) bucket.youngest = use;
      buckets.set(start, bucket);
      uses.set(nonce, use);
      return use;
    },
    get horizon() {
      return horizon;
    },
  };
}

export function isAfter(one: Instant, other: Instant): boolean {
  return one.at > other.at || (one.at === other.at && one.salt > other.salt);
}
