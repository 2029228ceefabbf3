import type { Aor, Publication } from '#model';
import type { Clock, Lanes, Log } from '#runtime';
import { type Publications, type PublicationWrite, StoreUnavailable, type WriteOutcome } from '#store';

/**
 * Writes that are wholly there or wholly undone (RFC 3903 §6: atomic). When the outcome of a commit cannot be learnt, the
 * device is told 503 and goes on with its old entity-tag; so what may have been committed is taken back before anything
 * else is done for that presentity.
 */
export interface WholeWrite {
  /** Runs in the presentity's lane. @throws StoreUnavailable, and then it counts as not done. */
  write(write: PublicationWrite, before: Publication | undefined): Promise<WriteOutcome>;
  /** Takes back what may stand undone; the first thing in the lane. @throws StoreUnavailable while that is not possible. */
  settle(presentity: Aor): undefined | Promise<void>;
}

/** Without a further request, what is in doubt is looked at again after this long. */
const AGAIN_MS = 5_000;

export function makeWholeWrite(needs: {
  readonly publications: Pick<Publications, 'write'>;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly log: Log;
}): WholeWrite {
  const { publications, lanes, clock, log } = needs;
  const doubts = new Map<Aor, PublicationWrite[]>();

  async function takeBack(presentity: Aor, reversals: PublicationWrite[]): Promise<void> {
    for (let last = reversals.at(-1); last !== undefined; last = reversals.at(-1)) {
      // Whatever comes of it, the row is now as it was before: `stale` says that nothing had been applied.
      await publications.write(last);
      reversals.pop();
    }
    doubts.delete(presentity);
  }

  function settle(presentity: Aor): undefined | Promise<void> {
    const reversals = doubts.get(presentity);
    return reversals === undefined ? undefined : takeBack(presentity, reversals);
  }

  function lookAgain(presentity: Aor): void {
    clock.after(AGAIN_MS, () => {
      if (!doubts.has(presentity)) return;
      // What is in doubt when the lane is free: what was when the time came may be settled, and something else in doubt.
      lanes.run(presentity, () => settle(presentity)).catch(() => lookAgain(presentity));
    });
  }

  function doubt(presentity: Aor, reversal: PublicationWrite): void {
    const reversals = doubts.get(presentity);
    if (reversals !== undefined) {
      reversals.push(reversal);
      return;
    }
    log.warn({ presentity }, 'a publication may have been written unacknowledged; it will be taken back');
    doubts.set(presentity, [reversal]);
    lookAgain(presentity);
  }

  return {
    async write(write, before) {
      try {
        return await publications.write(write);
      } catch (fault) {
        if (fault instanceof StoreUnavailable) {
          const reversal = reverse(write, before);
          if (reversal !== undefined) doubt(presentityOf(write, before), reversal);
        }
        throw fault;
      }
    },
    settle,
  };
}

/** The write that makes it as it was; harmless where the first one never happened. */
function reverse(write: PublicationWrite, before: Publication | undefined): PublicationWrite | undefined {
  switch (write.kind) {
    case 'insert':
      return { kind: 'remove', expected: write.publication.etag, id: write.publication.id };
    case 'replace':
    case 'refresh':
      return before && { kind: write.kind, expected: write.publication.etag, publication: before };
    case 'remove':
      return before && { kind: 'insert', publication: before };
  }
}

function presentityOf(write: PublicationWrite, before: Publication | undefined): Aor {
  return write.kind === 'remove' ? (before?.presentity as Aor) : write.publication.presentity;
}
