import { LRUCache } from 'lru-cache';
import type { Watcher } from '#model';

/**
 * How the subscriptions of followed resources ended, as long as a document may still have to say so: a notification later
 * nobody asks. What is forgotten too early costs a whole document in place of a partial one.
 */
export interface Departed {
  add(key: string, watcher: Watcher): void;
  /** Whoever came back under the same id has not departed. */
  of(key: string): readonly Watcher[];
}

const RESOURCES = 10_000;
const PER_RESOURCE = 200;

export function makeDeparted(): Departed {
  const departed = new LRUCache<string, readonly Watcher[]>({ max: RESOURCES });
  return {
    add(key, watcher) {
      const before = departed.get(key) ?? [];
      departed.set(key, [...before.slice(1 - PER_RESOURCE), watcher]);
    },
    of: (key) => departed.get(key) ?? [],
  };
}
