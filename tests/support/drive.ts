/** Moving the clock while somebody waits for an answer: `await drive(clock, promise)` reads like waiting in real time. */
import type { Clock } from '#runtime';
import type { FakeClock } from './fake-clock.ts';

/** Longer than any transaction lives. */
const PATIENCE_MS = 70_000;

/** The turn under way of each clock. */
const turns = new WeakMap<Clock, Promise<void>>();

const isFake = (clock: Clock): clock is FakeClock => 'advance' in clock;

/** Whoever comes first turns the clock; the others wait for the same turn and look again. */
function turn(clock: FakeClock, ms: number): Promise<void> {
  const underWay = turns.get(clock);
  if (underWay !== undefined) return underWay;
  const mine = clock.advance(ms).finally(() => turns.delete(clock));
  turns.set(clock, mine);
  return mine;
}

/**
 * Moves a fake clock until the promise settles, in steps of 5 ms at first, then of 50 ms, so that little more time passes
 * than the answer needs. Several may be driven at once. A real clock moves by itself.
 */
export async function drive<T>(clock: Clock, promise: Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  if (!isFake(clock)) return promise;
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  const startAt = clock.now();
  await clock.settle();
  while (!settled) {
    const spent = clock.now() - startAt;
    if (spent > patienceMs) throw new Error(`nothing came within ${patienceMs} ms of the clock's time`);
    await turn(clock, spent < 500 ? 5 : 50);
  }
  return promise;
}
