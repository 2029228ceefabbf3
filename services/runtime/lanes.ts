/** Work of one key runs one at a time, in order of arrival; different keys do not wait for each other. */
export interface Lanes {
  run<T>(key: string, work: () => T | Promise<T>): Promise<T>;
  /** How many keys have work under way. */
  readonly size: number;
  /** Resolves when no work is left. */
  idle(): Promise<void>;
}

export function makeLanes(): Lanes {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      const before = tails.get(key);
      const mine = before === undefined ? Promise.resolve().then(work) : before.then(work);
      const settled: Promise<unknown> = mine
        .catch(() => undefined)
        .then(() => {
          if (tails.get(key) === settled) tails.delete(key);
        });
      tails.set(key, settled);
      return mine;
    },
    get size() {
      return tails.size;
    },
    async idle() {
      while (tails.size > 0) await Promise.all(tails.values());
    },
  };
}
