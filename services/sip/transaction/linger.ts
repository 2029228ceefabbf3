import type { Clock, Timer } from '#runtime';

/**
 * Entries that are all kept for the same time and then forgotten: what timers J and K come down to. One timer for all of
 * them and no closure for each; a Map keeps its order of insertion, so the oldest stand in front.
 */
export interface Linger<V> {
  /** Keeps the value under a key that is not in use. */
  add(key: string, value: V): void;
  get(key: string): V | undefined;
  /** Forgets it early; it does not count as gone by itself. */
  take(key: string): V | undefined;
  readonly size: number;
  /** Forgets everything and stops the timer. */
  close(): void;
}

interface Kept<V> {
  readonly value: V;
  readonly goneAt: number;
}

/** The timer does not fire more often than this, so that an entry may stay this much longer than it must. */
const SWEEP_AT_MOST_EVERY_MS = 250;

export interface LingerOptions<V> {
  readonly clock: Clock;
  readonly lifeMs: number;
  /** Above this many entries the oldest go before their time, a sixteenth at once. */
  readonly limit: number;
  /** Told of each entry that went by age or by the limit. */
  readonly onGone?: (value: V, key: string) => void;
}

export function makeLinger<V>({ clock, lifeMs, limit, onGone }: LingerOptions<V>): Linger<V> {
  const kept = new Map<string, Kept<V>>();
  let timer: Timer | undefined;

  function sweep(): void {
    timer = undefined;
    const now = clock.now();
    for (const [key, { value, goneAt }] of kept) {
      if (goneAt > now) {
        timer = clock.after(Math.max(goneAt - now, SWEEP_AT_MOST_EVERY_MS), sweep);
        return;
      }
      kept.delete(key);
      onGone?.(value, key);
    }
  }

  /** Many at once: to find the front of a Map whose front was deleted costs a walk over the holes. */
  function makeRoom(): void {
    let surplus = Math.max(1, limit >> 4);
    for (const [key, { value }] of kept) {
      if (surplus === 0) return;
      surplus -= 1;
      kept.delete(key);
      onGone?.(value, key);
    }
  }

  return {
    add(key, value) {
      if (kept.size >= limit) makeRoom();
      kept.set(key, { value, goneAt: clock.now() + lifeMs });
      timer ??= clock.after(lifeMs, sweep);
    },
    get: (key) => kept.get(key)?.value,
    take(key) {
      const value = kept.get(key)?.value;
      kept.delete(key);
      return value;
    },
    get size() {
      return kept.size;
    },
    close() {
      timer?.cancel();
      timer = undefined;
      kept.clear();
    },
  };
}
