import { fitsSubscription } from '../limits.ts';
import type { Subscriptions } from '../store.ts';
import { inPages } from './publications.ts';
import type { MemoryRows } from './rows.ts';

export function makeMemorySubscriptions({ subscriptions: rows }: MemoryRows, mustHoldRole: () => void): Subscriptions {
  return {
    async write(write) {
      mustHoldRole();
      if (write.kind === 'remove') return rows.delete(write.id) ? 'written' : 'stale';
      const { subscription } = write;
      if (!fitsSubscription(subscription)) return 'refused';
      if (rows.has(subscription.id) !== (write.kind === 'update')) return 'stale';
      rows.set(subscription.id, subscription);
      return 'written';
    },
    all: () => inPages(rows),
    async find(id) {
      return rows.get(id);
    },
    async of(presentity, now) {
      return [...rows.values()]
        .filter((row) => row.presentity === presentity && row.expiresAt > now)
        .sort((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1));
    },
  };
}
