import type { Subscription } from '#model';
import type { Lanes, Log } from '#runtime';
import { StoreUnavailable, type Subscriptions } from '#store';
import type { Live } from './live.ts';

/** Changes a subscription's row and then, once it is committed, the live subscription: one change at a time each. */
export interface Amend {
  /** @returns false when the row is gone. @throws StoreUnavailable */
  update(live: Live, change: Partial<Subscription> | ((now: Subscription) => Partial<Subscription>)): Promise<boolean>;
  /** Removes the row in the background; one that stays because the database is away is expired anyway, or is ended again. */
  remove(live: Live): void;
  /** Removes the row and waits for it. @throws StoreUnavailable */
  removed(live: Live): Promise<void>;
}

export function makeAmend(needs: {
  readonly subscriptions: Pick<Subscriptions, 'write'>;
  readonly lanes: Lanes;
  readonly log: Log;
}): Amend {
  const { subscriptions, lanes, log } = needs;

  async function removed(live: Live): Promise<void> {
    const { id } = live.subscription;
    await lanes.run(id, () => subscriptions.write({ kind: 'remove', id }));
    live.stored = false;
  }

  return {
    update: (live, change) =>
      lanes.run(live.subscription.id, async () => {
        const now = live.subscription;
        const next = { ...now, ...(typeof change === 'function' ? change(now) : change) };
        const outcome = await subscriptions.write({ kind: 'update', subscription: next });
        if (outcome !== 'written') return false;
        live.subscription = next;
        return true;
      }),
    remove(live) {
      if (!live.stored) return;
      removed(live).catch((fault) => {
        if (!(fault instanceof StoreUnavailable)) log.error({ fault: String(fault) }, 'an ended subscription stays');
      });
    },
    removed,
  };
}
