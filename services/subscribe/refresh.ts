import type { ExpiryGranted } from '#gate';
import type { Subscription } from '#model';
import { type Amend, CSEQ_BLOCK, type Desk, type SubscriptionExpiry } from '#notify';
import type { Clock } from '#runtime';
import { detachedDialog, type Incoming, inDialogOrder, type Refusal, refreshedDialog, refuse, writeFlow } from '#sip';
import { outOfOrder } from './check-order.ts';
import type { BodyChosen } from './choose-body.ts';
import type { SubscriptionMatched } from './match-subscription.ts';

type Known = Incoming & SubscriptionMatched & BodyChosen & ExpiryGranted;

/**
 * RFC 6665 §4.2.1.4: commits the new end, the watcher's new target and CSeq; or, with Expires 0, that the subscription is
 * over. Only after authentication: until then nothing of the dialog has moved.
 */
export function makeRefresh(needs: {
  readonly desk: Desk;
  readonly amend: Amend;
  readonly expiry: SubscriptionExpiry;
  readonly clock: Clock;
}) {
  return async function refresh(known: Known): Promise<object | Refusal> {
    const { live, request, expires, contentType } = known;
    if (request.contact.length > 1) return refuse(400, [], 'More Than One Contact');
    // Again, and in the row's own lane: a newer request may have been committed since the order was checked.
    const isLate = (now: Subscription): boolean => inDialogOrder(now.dialog, request.cseq.seq) !== 'next';
    if (expires === 0) {
      const ended = await needs.amend.removed(live, isLate);
      return ended === 'unwanted' ? outOfOrder() : {};
    }
    const outcome = await needs.amend.update(live, (now) =>
      isLate(now)
        ? undefined
        : {
            expiresAt: needs.clock.now() + expires * 1000,
            contentType: contentType ?? now.contentType,
            dialog: detachedDialog(refreshedDialog(now.dialog, request, writeFlow(known.flow)), now.dialog),
            reservedCseq: Math.max(now.reservedCseq, live.nextCseq + CSEQ_BLOCK),
          },
    );
    if (live.ending !== undefined || live.closed) return refuse(481);
    switch (outcome) {
      case 'written':
        needs.expiry.watch(live.subscription);
        return {};
      case 'unwanted':
        return outOfOrder();
      case 'refused':
        return refuse(400, [], 'Too Long Contact');
      case 'gone':
        // An earlier end of which nobody learnt the outcome: it did happen.
        needs.desk.end(live, 'timeout', false);
        return refuse(481);
    }
  };
}
