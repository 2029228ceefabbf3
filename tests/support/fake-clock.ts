import type { Clock, Timer } from '#runtime';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves time forward, runs what becomes due, in order, and lets promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Lets everything that was promised settle, at the same moment. */
  settle(): Promise<void>;
  /** How many timers are armed: for tests of leaks. */
  readonly armed: number;
}

interface Armed {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Promise chains of our own are short; native work (a database, a file) is not, and must be awaited by the test itself. */
const TURNS = 12;

export function makeFakeClock(startAt = Date.UTC(2026, 10, 1, 12, 0, 0)): FakeClock {
  let now = startAt;
  let order = 0;
  const armed = new Set<Armed>();

  async function settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  function firstDue(until: number): Armed | undefined {
    let first: Armed | undefined;
    for (const timer of armed) {
      if (timer.at > until) continue;
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    }
    return first;
  }

  return {
    now: () => now,
    after(delayMs, callback): Timer {
      const timer: Armed = { at: now + Math.max(0, delayMs), order: order++, callback };
      armed.add(timer);
      return { cancel: () => void armed.delete(timer) };
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let timer = firstDue(until); timer !== undefined; timer = firstDue(until)) {
        armed.delete(timer);
        now = Math.max(now, timer.at);
        timer.callback();
        await settle();
      }
      now = until;
      await settle();
    },
    settle,
    get armed() {
      return armed.size;
    },
  };
}
