import type { ExpiryGranted } from '#gate';
import { type Amend, CSEQ_BLOCK, type SubscriptionExpiry } from '#notify';
import type { Clock } from '#runtime';
import { type Incoming, type Refusal, refreshedDialog, refuse, writeFlow } from '#sip';
import type { BodyChosen } from './choose-body.ts';
import type { SubscriptionMatched } from './match-subscription.ts';

type Known = Incoming & SubscriptionMatched & BodyChosen & ExpiryGranted;

/**
 * RFC 6665 §4.2.1.4: commits the new end, the watcher's new target and CSeq; or, with Expires 0, that the subscription is
 * over. Only after authentication: until then nothing of the dialog has moved.
 */
export function makeRefresh(needs: {
  readonly amend: Amend;
  readonly expiry: SubscriptionExpiry;
  readonly clock: Clock;
}) {
  return async function refresh(known: Known): Promise<object | Refusal> {
    const { live, request, expires, contentType } = known;
    if (expires === 0) {
      await needs.amend.removed(live);
      return {};
    }
    const kept = await needs.amend.update(live, (now) => ({
      expiresAt: needs.clock.now() + expires * 1000,
      contentType: contentType ?? now.contentType,
      dialog: refreshedDialog(now.dialog, request, writeFlow(known.flow)),
      reservedCseq: Math.max(now.reservedCseq, live.nextCseq + CSEQ_BLOCK),
    }));
    if (!kept || live.ending !== undefined || live.closed) return refuse(481);
    needs.expiry.watch(live.subscription);
    return {};
  };
}
