import type { Clock, Timer } from '#runtime';

/**
 * Keys that are remembered for a time and hardly ever asked for: what timer K comes down to. They stand in a few sets by age that
 * go whole, so that a key costs its place in a set and nothing else.
 */
export interface Recent {
  add(key: string): void;
  /** Asks each set: for the rare. */
  has(key: string): boolean;
  /** Forgets everything and stops the timer. */
  close(): void;
}

interface Lot {
  readonly keys: Set<string>;
  readonly begunAt: number;
  lastAt: number;
}

const LOTS = 16;

/** @param limit above so many keys the oldest go before their time. */
export function makeRecent({
  clock,
  lifeMs,
  limit,
}: {
  readonly clock: Clock;
  readonly lifeMs: number;
  readonly limit: number;
}): Recent {
  /** The oldest first. */
  let lots: Lot[] = [];
  let timer: Timer | undefined;

  function forgetOld(): void {
    timer = undefined;
    const now = clock.now();
    lots = lots.filter(({ lastAt }) => lastAt + lifeMs > now);
    if (lots.length > 0) timer = clock.after(lifeMs / LOTS, forgetOld);
  }

  function current(now: number): Lot {
    const last = lots.at(-1);
    if (last !== undefined && now - last.begunAt < lifeMs / LOTS && last.keys.size < limit / LOTS) return last;
    if (lots.length > LOTS) lots.shift();
    const lot = { keys: new Set<string>(), begunAt: now, lastAt: now };
    lots.push(lot);
    timer ??= clock.after(lifeMs, forgetOld);
    return lot;
  }

  return {
    add(key) {
      const now = clock.now();
      const lot = current(now);
      lot.keys.add(key);
      lot.lastAt = now;
    },
    has(key) {
      const now = clock.now();
      return lots.some(({ keys, lastAt }) => lastAt + lifeMs > now && keys.has(key));
    },
    close() {
      timer?.cancel();
      timer = undefined;
      lots = [];
    },
  };
}
