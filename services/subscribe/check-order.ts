import { inDialogOrder, type Refusal, refuse, type SipRequest } from '#sip';
import type { SubscriptionMatched } from './match-subscription.ts';

/** RFC 3261 §12.2.2: a CSeq below the last accepted one is 500. */
export function checkOrder(known: SubscriptionMatched & { readonly request: SipRequest }): object | Refusal {
  const { request, live } = known;
  return inDialogOrder(live.subscription.dialog, request.cseq.seq) === 'old'
    ? refuse(500, [], 'CSeq Out Of Order')
    : {};
}
