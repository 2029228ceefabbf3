import type { Publication } from '#model';
import type { Clock, Lanes, Log } from '#runtime';
import { makeDeadlines, makeTurns } from '#runtime';
import { type Publications, StoreUnavailable } from '#store';
import type { PublicationBook } from './book.ts';

/** Ends publications whose time has come (RFC 3903 §4 and §6 step 4: soft state goes by itself). */
export interface PublicationSweep {
  /** A publication was kept: end it when its time comes. Called again, it moves the moment. */
  watch(publication: Publication): void;
  /** Ends it whatever its time. To be called in its presentity's lane. */
  endNow(publication: Publication): void;
  close(): void;
}

export interface SweepNeeds {
  readonly book: PublicationBook;
  readonly publications: Pick<Publications, 'write'>;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when a publication has ended: its presentity's state changed. */
  readonly onEnded: (publication: Publication) => void;
}

/** Rows whose time is over mean nothing to anybody: who watches is told first. */
const LITTER_MS = 2000;
/** When thousands end at once, requests find room among the writes all the same. */
const AT_ONCE = 256;
/** Rows that could not be removed because the database was away are tried again this much later. */
const AGAIN_MS = 10_000;

export function makePublicationSweep(needs: SweepNeeds): PublicationSweep {
  const { book, clock, lanes, log } = needs;
  const ends = makeDeadlines<string>(clock, (id) => {
    const publication = book.byId(id);
    if (publication !== undefined) void lanes.run(publication.presentity, () => end(publication));
  });
  const brooms = makeTurns(AT_ONCE, Number.POSITIVE_INFINITY);
  const leftovers = makeDeadlines<Publication>(clock, sweepUp);

  /** Runs in the presentity's lane: a refresh that arrived just before has moved `expiresAt` by now. */
  function end(publication: Publication): void {
    const current = book.byId(publication.id);
    if (current === undefined) return;
    if (current.expiresAt > clock.now()) {
      ends.set(current.id, current.expiresAt);
      return;
    }
    drop(current);
    leftovers.set(current, clock.now() + LITTER_MS);
  }

  function endNow(publication: Publication): void {
    drop(publication);
    sweepUp(publication);
  }

  function drop(publication: Publication): void {
    book.drop(publication);
    needs.onEnded(publication);
  }

  function sweepUp(publication: Publication): void {
    void brooms.run(() => removeRow(publication));
  }

  /** The row is only litter from now on: an expired publication is left out wherever it is read. */
  async function removeRow(publication: Publication): Promise<void> {
    try {
      await needs.publications.write({ kind: 'remove', expected: publication.etag, id: publication.id });
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable)) log.error({ fault: String(fault) }, 'an expired publication stays');
      leftovers.set(publication, clock.now() + AGAIN_MS);
    }
  }

  return {
    watch: (publication) => ends.set(publication.id, publication.expiresAt),
    endNow,
    close() {
      ends.close();
      leftovers.close();
    },
  };
}
