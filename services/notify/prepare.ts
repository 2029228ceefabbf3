import type { Amend } from './amend.ts';
import type { Live } from './live.ts';

/** How many CSeq values are reserved at a time: one write per so many NOTIFYs. */
export const CSEQ_BLOCK = 1000;

/**
 * What the row must say before a NOTIFY leaves. A CSeq is used only when the database says that it may have been: after a
 * crash we go on above the reserved block, so numbers are skipped but never repeated (RFC 3261 §12.2.1.1). And a mark of
 * what the watcher was told last is taken back, or a crash could leave it standing for something the watcher no longer
 * shows.
 * @returns undefined when the NOTIFY may leave now.
 */
export type Prepare = (live: Live) => undefined | Promise<void>;

export function makePrepare(amend: Amend): Prepare {
  return function prepare(live) {
    // What is not in the database will not be there after a crash either.
    if (!live.stored) return undefined;
    const { reservedCseq, told } = live.subscription;
    // A row whose time is over ends again after a crash, whatever it says.
    const saysNothing = (told === '' && !live.marking) || live.ending?.reason === 'timeout';
    if (live.nextCseq <= reservedCseq && saysNothing) return undefined;
    return amend
      .update(live, (now) => ({
        told: '',
        reservedCseq: live.nextCseq <= now.reservedCseq ? now.reservedCseq : live.nextCseq + CSEQ_BLOCK,
      }))
      .then((outcome) => {
        // A row edited by hand that no longer fits: not asked again at once, or it would be asked for ever. One that is gone does
        // no harm: nothing is left that a number could be repeated for.
        if (outcome === 'refused') throw new Error(`the row of subscription ${live.subscription.id} cannot be written`);
      });
  };
}
