import type { Clock } from '#runtime';

/**
 * How fast something may be tried, per key: so many tries in a row from rest, then one each interval, and whoever comes
 * earlier waits for their turn. The number of keys is bounded; the one that was used longest ago is forgotten first.
 */
export interface Tries {
  /** @returns the ms that who takes one now has to wait for it, 0 mostly; undefined when too many wait already. */
  waitMs(key: string): number | undefined;
  /** Takes one. @returns the ms to wait for it; undefined when too many wait already: nothing was taken. */
  take(key: string): number | undefined;
  /** Gives one back: it was no guess. */
  giveBack(key: string): void;
  readonly size: number;
}

export interface TriesShape {
  readonly burst: number;
  /** One more try comes back after each of these. */
  readonly refillMs: number;
  readonly longestWaitMs: number;
  readonly maxKeys: number;
}

export function makeTries(clock: Clock, { burst, refillMs, longestWaitMs, maxKeys }: TriesShape): Tries {
  /** When all tries of a key will have come back, by key; those that have are not kept. In order of last use. */
  const restAt = new Map<string, number>();

  function put(key: string, at: number, now: number): void {
    restAt.delete(key);
    if (at <= now) return;
    restAt.set(key, at);
    if (restAt.size <= maxKeys) return;
    const [oldest] = restAt.keys();
    if (oldest !== undefined) restAt.delete(oldest);
  }

  /** When all will have come back once one more was taken. */
  function restAfter(key: string, now: number): number {
    return Math.max(restAt.get(key) ?? now, now) + refillMs;
  }

  function waitFor(at: number, now: number): number | undefined {
    const waitMs = at - burst * refillMs - now;
    return waitMs > longestWaitMs ? undefined : Math.max(0, waitMs);
  }

  return {
    waitMs(key) {
      const now = clock.now();
      return waitFor(restAfter(key, now), now);
    },
    take(key) {
      const now = clock.now();
      const at = restAfter(key, now);
      const waitMs = waitFor(at, now);
      if (waitMs !== undefined) put(key, at, now);
      return waitMs;
    },
    giveBack(key) {
      const at = restAt.get(key);
      if (at !== undefined) put(key, at - refillMs, clock.now());
    },
    get size() {
      return restAt.size;
    },
  };
}
