import type { Clock } from '#runtime';

/**
 * How often something may be tried. A bucket of tries per key that fills up again with time; the number of keys is
 * bounded, and the longest unused one is forgotten first. Our own, not @fastify/rate-limit: that one counts in fixed
 * windows by the machine's time, while here a try is given back when it was a success and time is the Clock.
 */
export interface Limit {
  /** Takes one try. @returns 0 when it may go on, else the seconds to wait. */
  take(key: string): number;
  /** Gives the last try back: it was no guess. */
  giveBack(key: string): void;
  readonly size: number;
}

export interface LimitShape {
  /** Tries in a row from rest. */
  readonly burst: number;
  /** One more try comes back after each of these, ms. */
  readonly refillMs: number;
  readonly maxKeys?: number;
}

interface Bucket {
  readonly left: number;
  readonly at: number;
}

export function makeLimit(clock: Clock, { burst, refillMs, maxKeys = 20_000 }: LimitShape): Limit {
  // A Map remembers the order of insertion: the first key is the one that was used longest ago.
  const buckets = new Map<string, Bucket>();

  function leftOf(key: string, now: number): number {
    const bucket = buckets.get(key);
    return bucket === undefined ? burst : Math.min(burst, bucket.left + (now - bucket.at) / refillMs);
  }

  function put(key: string, left: number, now: number): void {
    buckets.delete(key);
    if (left >= burst) return;
    buckets.set(key, { left, at: now });
    if (buckets.size <= maxKeys) return;
    const [oldest] = buckets.keys();
    if (oldest !== undefined) buckets.delete(oldest);
  }

  return {
    take(key) {
      const now = clock.now();
      const left = leftOf(key, now);
      if (left < 1) {
        put(key, left, now);
        return Math.max(1, Math.ceil(((1 - left) * refillMs) / 1000));
      }
      put(key, left - 1, now);
      return 0;
    },
    giveBack(key) {
      const now = clock.now();
      put(key, leftOf(key, now) + 1, now);
    },
    get size() {
      return buckets.size;
    },
  };
}

/** The key of an address: one home has one IPv4 address, but a whole /64 of IPv6 ones. */
export function homeOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = '', tail = ''] = address.split('::', 2);
  const front = head === '' ? [] : head.split(':');
  const back = tail === '' ? [] : tail.split(':');
  const zeros = address.includes('::') ? Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0') : [];
  return [...front, ...zeros, ...back].slice(0, 4).join(':');
}
