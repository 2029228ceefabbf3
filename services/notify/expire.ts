import type { Subscription } from '#model';
import { type Clock, makeDeadlines } from '#runtime';
import type { Desk } from './desk.ts';
import type { WatchBook } from './watch-book.ts';

/** Ends subscriptions that were not refreshed in time (RFC 6665 §4.2.2, reason `timeout`). */
export interface SubscriptionExpiry {
  /** A subscription began or was refreshed: its time comes at `expiresAt`. */
  watch(subscription: Subscription): void;
  close(): void;
}

export function makeSubscriptionExpiry(needs: {
  readonly book: WatchBook;
  readonly desk: Desk;
  readonly clock: Clock;
}): SubscriptionExpiry {
  const ends = makeDeadlines<string>(needs.clock, (id) => {
    const live = needs.book.byId(id);
    if (live === undefined) return;
    // A refresh that is being committed has not moved the moment yet: look at the row as it is.
    if (live.subscription.expiresAt > needs.clock.now()) ends.set(id, live.subscription.expiresAt);
    else needs.desk.end(live, 'timeout', false);
  });
  return {
    watch: ({ id, expiresAt }) => ends.set(id, expiresAt),
    close: () => ends.close(),
  };
}
