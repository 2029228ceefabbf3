import type { PackageFound } from '#gate';
import type { Live, WatchBook } from '#notify';
import { type Refusal, refuse, type SipRequest } from '#sip';

export interface SubscriptionMatched {
  readonly live: Live;
}

/** RFC 6665 §4.2.1.4, §4.5.2: dialog, package and `id` must be those of a subscription, else 481. */
export function makeMatchSubscription(book: WatchBook) {
  return function matchSubscription(
    known: PackageFound & { readonly request: SipRequest },
  ): SubscriptionMatched | Refusal {
    const { request, eventPackage, eventId } = known;
    const dialog = {
      callId: request.callId,
      localTag: request.to.params.get('tag') ?? '',
      remoteTag: request.from.params.get('tag') ?? '',
    };
    const live = book.find(dialog, eventPackage.name, eventId);
    return live === undefined ? refuse(481) : { live };
  };
}
