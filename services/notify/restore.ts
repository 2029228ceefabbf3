import type { Clock } from '#runtime';
import type { Subscriptions } from '#store';
import type { Desk } from './desk.ts';
import type { SubscriptionExpiry } from './expire.ts';
import { type Live, makeLive } from './live.ts';
import type { WatchBook } from './watch-book.ts';

export interface RestoreNeeds {
  readonly subscriptions: Pick<Subscriptions, 'all'>;
  readonly book: WatchBook;
  readonly desk: Desk;
  readonly expiry: SubscriptionExpiry;
  readonly clock: Clock;
}

/** The first looks at restored subscriptions, so many and then a pause: 10,000 of them are looked at within ten seconds. */
const SLICE = 20;
const BETWEEN_MS = 10;

/**
 * Takes up the subscriptions of the run before. Each counts as unreviewed: the rules of now are asked before anything is
 * sent, and a NOTIFY goes only to those who would see something else than they were last told. Spread over time, so that
 * a start is no storm.
 * @returns how many there are.
 */
export async function restoreSubscriptions(needs: RestoreNeeds): Promise<number> {
  const { book, desk, clock } = needs;
  let restored: Live[] = [];
  for await (const page of needs.subscriptions.all()) {
    for (const subscription of page) {
      // Above everything that was reserved: a number that may have been used is never used again.
      const live = makeLive(subscription, subscription.reservedCseq + 1);
      book.add(live);
      needs.expiry.watch(subscription);
      restored.push(live);
    }
  }
  const count = restored.length;
  let looked = 0;
  function look(): void {
    for (const live of restored.slice(looked, looked + SLICE)) desk.ask(live, 'review');
    looked += SLICE;
    if (looked < count) clock.after(BETWEEN_MS, look);
    else restored = [];
  }
  if (count > 0) clock.after(0, look);
  return count;
}
