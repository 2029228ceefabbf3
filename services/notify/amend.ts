import type { Subscription } from '#model';
import { type Clock, type Lanes, type Log, makeBroom } from '#runtime';
import { StoreUnavailable, type Subscriptions } from '#store';
import type { Live } from './live.ts';

/** What becomes of the row, given what it is now; undefined: nothing is to be changed after all. */
export type RowChange = (now: Subscription) => Partial<Subscription> | undefined;

export type AmendOutcome =
  | 'written'
  /** There is no such row any more, and the live subscription says so. */
  | 'gone'
  /** The change itself decided against it. */
  | 'unwanted'
  /** The row cannot be kept as it would be: too long. */
  | 'refused';

/**
 * Changes a subscription's row and then, once it is committed, the live subscription: one change at a time each, and each
 * decided on the row as the one before it left it.
 */
export interface Amend {
  /** @throws StoreUnavailable */
  update(live: Live, change: RowChange): Promise<AmendOutcome>;
  /** Removes the row in the background; while the database is away, again and again until it is back. */
  remove(live: Live): void;
  /** The same; a row that means nothing any more, because its time is over, may go later. */
  sweep(live: Live): void;
  /** Removes the row and waits for it, unless `unless` says no in its turn. @throws StoreUnavailable */
  removed(live: Live, unless?: (now: Subscription) => boolean): Promise<'removed' | 'unwanted'>;
  /** What could not be removed until now stays, and expires. */
  close(): void;
}

export function makeAmend(needs: {
  readonly subscriptions: Pick<Subscriptions, 'write'>;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly log: Log;
}): Amend {
  const { subscriptions, lanes, clock, log } = needs;
  const broom = makeBroom<Live>({
    clock,
    remove: async (live) => live.stored && removed(live),
    onFault(fault) {
      if (!(fault instanceof StoreUnavailable)) log.error({ fault: String(fault) }, 'an ended subscription stays');
    },
  });

  const removed: Amend['removed'] = (live, unless) =>
    lanes.run(live.subscription.id, async () => {
      if (unless?.(live.subscription)) return 'unwanted';
      await subscriptions.write({ kind: 'remove', id: live.subscription.id });
      live.stored = false;
      return 'removed';
    });

  return {
    update: (live, change) =>
      lanes.run(live.subscription.id, async () => {
        const changed = change(live.subscription);
        if (changed === undefined) return 'unwanted';
        const before = live.subscription;
        const next = { ...before, ...changed };
        const outcome = await subscriptions.write({ kind: 'update', subscription: next, before });
        if (outcome === 'written') live.subscription = next;
        if (outcome !== 'stale') return outcome;
        // By somebody's hand, or by an earlier end of which nobody learnt the outcome.
        live.stored = false;
        return 'gone';
      }),
    removed,
    remove: broom.now,
    sweep(live) {
      if (live.subscription.expiresAt > clock.now()) broom.now(live);
      else broom.soon(live);
    },
    close: broom.close,
  };
}
