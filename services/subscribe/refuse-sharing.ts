import { nothing, type PackageFound } from '#gate';
import { type Refusal, refuse } from '#sip';
import type { SubscriptionMatched } from './match-subscription.ts';

/**
 * RFC 6665 §4.5.2: another package, or another `id` of the Event header, asks for one more subscription in the dialog of
 * this one. We keep one a dialog (§4.5.1); docs/decisions says why.
 */
export function refuseSharing(known: PackageFound & SubscriptionMatched): object | Refusal {
  const { event, eventId } = known.live.subscription;
  return known.eventPackage.name === event && known.eventId === eventId
    ? nothing
    : refuse(403, [], 'Dialog Sharing Not Supported');
}
