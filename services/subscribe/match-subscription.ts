import type { Live, WatchBook } from '#notify';
import { type Refusal, refuse, type SipRequest } from '#sip';

export interface SubscriptionMatched {
  readonly live: Live;
}

/** RFC 6665 §4.2.1.4: Call-ID and both tags must be those of a subscription's dialog, else 481. */
export function makeMatchSubscription(book: WatchBook) {
  return function matchSubscription({ request }: { readonly request: SipRequest }): SubscriptionMatched | Refusal {
    const live = book.inDialog({
      callId: request.callId,
      localTag: request.to.params.get('tag') ?? '',
      remoteTag: request.from.params.get('tag') ?? '',
    });
    return live === undefined ? refuse(481) : { live };
  };
}
