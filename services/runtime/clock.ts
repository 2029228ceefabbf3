/** Time as a thing that is passed in: the only door to `Date.now` and timers. Tests pass one that they move themselves. */

export interface Timer {
  /** Safe to call twice and after it has fired. */
  cancel(): void;
}

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls back once after `delayMs`; never in this turn. */
  after(delayMs: number, callback: () => void): Timer;
}

/** The longest delay Node's timers bear; longer ones are taken in steps. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    let handle: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      handle =
        leftMs > LONGEST_MS
          ? setTimeout(() => arm(leftMs - LONGEST_MS), LONGEST_MS)
          : setTimeout(callback, Math.max(0, leftMs));
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Calls back when the event loop has handed out all that had arrived by now; no matter of time, so no matter of a clock. */
export function nextTurn(work: () => void): void {
  setImmediate(work);
}

/** Calls `work` every `periodMs` after the last run has settled, until cancelled. Faults go to `onFault`; it goes on. */
export function every(
  clock: Clock,
  periodMs: number,
  work: () => void | Promise<void>,
  onFault: (fault: unknown) => void,
): Timer {
  let cancelled = false;
  let timer = clock.after(periodMs, run);
  function run(): void {
    void Promise.resolve()
      .then(() => (cancelled ? undefined : work()))
      .catch(onFault)
      .then(() => {
        if (!cancelled) timer = clock.after(periodMs, run);
      });
  }
  return {
    cancel() {
      cancelled = true;
      timer.cancel();
    },
  };
}

/** Resolves after `delayMs` of the clock's time. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
