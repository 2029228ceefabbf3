import { SteadyMap } from './steady-map.ts';

/** Work of one key runs one at a time, in order of arrival; different keys do not wait for each other. */
export interface Lanes {
  /** Begins at once where nothing of the key is under way. */
  run<T>(key: string, work: () => T | Promise<T>): Promise<T>;
  /** How many keys have work under way. */
  readonly size: number;
  /** Resolves when no work is left. */
  idle(): Promise<void>;
}

export function makeLanes(): Lanes {
  const tails = new SteadyMap<Promise<void>>();
  return {
    run(key, work) {
      const before = tails.get(key);
      const mine = before === undefined ? begin(work) : before.then(work);
      const leave = (): void => {
        if (tails.get(key) === settled) tails.delete(key);
      };
      const settled = mine.then(leave, leave);
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

/** What it throws is its own caller's, like what it rejects with. */
function begin<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    const result = work();
    return result instanceof Promise ? result : Promise.resolve(result);
  } catch (fault) {
    return Promise.reject(fault);
  }
}
