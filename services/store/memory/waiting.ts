import { fitsWaiting } from '../limits.ts';
import type { Waitings } from '../store.ts';
import { inPages } from './publications.ts';
import type { MemoryRows } from './rows.ts';

export function makeMemoryWaiting({ waiting: rows }: MemoryRows, mustHoldRole: () => void): Waitings {
  return {
    async write({ kind, waiting }) {
      mustHoldRole();
      if (kind === 'remove') {
        rows.delete(waiting.id);
        return 'written';
      }
      if (!fitsWaiting(waiting)) return 'refused';
      for (const row of rows.values()) {
        const isSame = row.presentity === waiting.presentity && row.event === waiting.event;
        if (isSame && row.watcher === waiting.watcher) rows.delete(row.id);
      }
      rows.set(waiting.id, waiting);
      return 'written';
    },
    all: () => inPages(rows),
    async find(id) {
      return rows.get(id);
    },
    async of(presentity, now) {
      return [...rows.values()]
        .filter((row) => row.presentity === presentity && row.expiresAt > now)
        .sort((one, other) => one.askedAt - other.askedAt || (one.id < other.id ? -1 : 1));
    },
  };
}
