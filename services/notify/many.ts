import { WideMap } from '#runtime';

/**
 * An index from a key to the few or many that have it. Most keys have one, which then stands by itself: a set for each would be
 * larger than what is in it.
 */
export interface Many<T extends object> {
  add(key: string, one: T): void;
  remove(key: string, one: T): void;
  /** Those of the key; whoever is removed meanwhile is passed over. */
  of(key: string): ReadonlySet<T> | readonly T[];
  count(key: string): number;
}

const NONE: readonly never[] = [];

export function makeMany<T extends object>(): Many<T> {
  const index = new WideMap<string, T | Set<T>>();
  return {
    add(key, one) {
      const there = index.get(key);
      if (there === undefined) index.set(key, one);
      else if (there instanceof Set) there.add(one);
      else if (there !== one) index.set(key, new Set([there, one]));
    },
    remove(key, one) {
      const there = index.get(key);
      if (there === one) index.delete(key);
      else if (there instanceof Set && there.delete(one) && there.size === 0) index.delete(key);
    },
    of(key) {
      const there = index.get(key);
      if (there === undefined) return NONE;
      return there instanceof Set ? there : [there];
    },
    count(key) {
      const there = index.get(key);
      if (there === undefined) return 0;
      return there instanceof Set ? there.size : 1;
    },
  };
}
