import type { Amend } from './amend.ts';
import type { Live } from './live.ts';

/** How many CSeq values are reserved at a time: one write per so many NOTIFYs. */
export const CSEQ_BLOCK = 1000;

/**
 * A CSeq is used only when the database says that it may have been: after a crash we go on above the reserved block, so
 * that numbers are skipped but never repeated (RFC 3261 §12.2.1.1).
 * @returns undefined when the next CSeq is reserved already.
 */
export function makeReserve(amend: Amend): (live: Live) => undefined | Promise<void> {
  return function reserve(live) {
    // What is not in the database will not be there after a crash either.
    if (live.nextCseq <= live.subscription.reservedCseq || !live.stored) return undefined;
    const reservedCseq = live.nextCseq + CSEQ_BLOCK;
    return amend.update(live, { reservedCseq }).then(() => undefined);
  };
}
