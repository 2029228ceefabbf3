import { type Authenticated, nothing } from '#gate';
import { type Refusal, refuse } from '#sip';
import type { SubscriptionMatched } from './match-subscription.ts';

/** Knowing a dialog's tags is not being its watcher: the account must be the one that subscribed. */
export function sameWatcher({ identity, live }: Authenticated & SubscriptionMatched): object | Refusal {
  return identity === live.subscription.watcher ? nothing : refuse(403);
}
