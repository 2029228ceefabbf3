import { nothing } from '#gate';
import { inDialogOrder, type Refusal, refuse, type SipRequest } from '#sip';
import type { SubscriptionMatched } from './match-subscription.ts';

/**
 * RFC 3261 §12.2.2: a CSeq below the last accepted one is 500. So is the same number in a new transaction: it is no
 * retransmission, and the dialog must not move by it.
 */
export function checkOrder(known: SubscriptionMatched & { readonly request: SipRequest }): object | Refusal {
  const { request, live } = known;
  return inDialogOrder(live.subscription.dialog, request.cseq.seq) === 'next' ? nothing : outOfOrder();
}

export const outOfOrder = (): Refusal => refuse(500, [], 'CSeq Out Of Order');
