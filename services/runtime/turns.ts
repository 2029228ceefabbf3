/** Costly work, some at a time: the others wait in order of arrival, and when too many wait the next is refused. */
export interface Turns {
  /** Undefined when too many are waiting; then the work is not done. */
  run<T>(work: () => Promise<T>): Promise<T> | undefined;
}

export function makeTurns(atOnce: number, mostWaiting: number): Turns {
  let waiting: (() => void)[] = [];
  /** Where the first of them is: taking it out of a long list would move all the others. */
  let first = 0;
  let running = 0;

  async function take<T>(work: () => Promise<T>, before: Promise<void> | undefined): Promise<T> {
    await before;
    try {
      return await work();
    } finally {
      // Whoever ends hands its own place over: then `running` stays as it is.
      const next = takeFirst();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  function takeFirst(): (() => void) | undefined {
    const next = waiting[first];
    first += 1;
    if (first >= waiting.length) {
      waiting = [];
      first = 0;
    }
    return next;
  }

  return {
    run(work) {
      if (running < atOnce) {
        running += 1;
        return take(work, undefined);
      }
      if (waiting.length - first >= mostWaiting) return undefined;
      return take(work, new Promise<void>((resolve) => waiting.push(resolve)));
    },
  };
}
