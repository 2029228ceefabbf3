import type { Clock } from './clock.ts';
import { makeDeadlines } from './deadlines.ts';
import { makeTurns } from './turns.ts';

/** Removes in the background what is over, and what cannot be removed again and again until it can. */
export interface Broom<T> {
  now(what: T): void;
  /** A little later: it means nothing to anybody any more, and who is to be told of its end goes first. */
  soon(what: T): void;
  /** What could not be removed until now stays. */
  close(): void;
}

const SOON_MS = 2000;
/** When thousands end at once, requests find room among the writes all the same. */
const AT_ONCE = 256;
/** What could not be removed, because the database was away, is tried again this much later. */
const AGAIN_MS = 10_000;

/** @param onFault told why `remove` failed, each time. */
export function makeBroom<T>(needs: {
  readonly clock: Clock;
  readonly remove: (what: T) => Promise<unknown>;
  readonly onFault: (fault: unknown) => void;
}): Broom<T> {
  const { clock, remove, onFault } = needs;
  const turns = makeTurns(AT_ONCE, Number.POSITIVE_INFINITY);
  const later = makeDeadlines<T>(clock, sweep);

  function sweep(what: T): void {
    void turns.run(async () => {
      try {
        await remove(what);
      } catch (fault) {
        onFault(fault);
        later.set(what, clock.now() + AGAIN_MS);
      }
    });
  }

  return {
    now: sweep,
    soon: (what) => later.set(what, clock.now() + SOON_MS),
    close: () => later.close(),
  };
}
