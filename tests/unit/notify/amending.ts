/** A subscription at work over a memory store whose updates can be counted, held up and broken. */
import { makeLanes, silentLog } from '#runtime';
import { makeMemoryStore, type SubscriptionWrite } from '#store';
import { type Amend, makeAmend } from '../../../services/notify/amend.ts';
import { type Live, makeLive } from '../../../services/notify/live.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { databaseAway, type Lever, makeLevers, slow } from '../../support/levers.ts';
import { makeSubscription } from '../../support/stores.ts';

export interface Amending {
  readonly amend: Amend;
  /** Every write that was tried. */
  readonly writes: readonly SubscriptionWrite[];
  keep(id: string, given?: Parameters<typeof makeSubscription>[1]): Promise<Live>;
  /** The mark in the row. */
  told(id: string): Promise<string | undefined>;
  reserved(id: string): Promise<number | undefined>;
  removeRow(id: string): Promise<void>;
  hasRow(id: string): Promise<boolean>;
  updatesTake(delayMs: number): void;
  /** Until called with false. */
  removesFail(areAway: boolean): void;
  /** Until called with undefined again. */
  updatesFail(when: 'before' | 'after' | undefined): void;
}

export function makeAmending(clock: FakeClock): Amending {
  const levers = makeLevers();
  const store = makeMemoryStore({ clock });
  const { subscriptions } = levers.wrap(store);
  const writes: SubscriptionWrite[] = [];
  const counted = {
    write(write: SubscriptionWrite) {
      writes.push(write);
      return subscriptions.write(write);
    },
  };
  const failing: Lever = databaseAway('update');
  return {
    amend: makeAmend({ subscriptions: counted, lanes: makeLanes(), clock, log: silentLog }),
    writes,
    async keep(id, given) {
      const subscription = makeSubscription(id, given);
      await store.subscriptions.write({ kind: 'insert', subscription });
      return makeLive(subscription, 1);
    },
    told: async (id) => (await store.subscriptions.find(id))?.told,
    reserved: async (id) => (await store.subscriptions.find(id))?.reservedCseq,
    removeRow: async (id) => void (await store.subscriptions.write({ kind: 'remove', id })),
    hasRow: async (id) => (await store.subscriptions.find(id)) !== undefined,
    removesFail(areAway) {
      levers.subscriptions.before = areAway ? databaseAway('remove') : undefined;
    },
    updatesTake(delayMs) {
      levers.subscriptions.before = slow(clock, delayMs, 'update');
    },
    updatesFail(when) {
      levers.subscriptions.before = when === 'before' ? failing : undefined;
      levers.subscriptions.after = when === 'after' ? failing : undefined;
    },
  };
}
