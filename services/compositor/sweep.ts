import type { Publication } from '#model';
import type { Clock, Lanes, Log } from '#runtime';
import { makeBroom, makeDeadlines } from '#runtime';
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

export function makePublicationSweep(needs: SweepNeeds): PublicationSweep {
  const { book, clock, lanes, log } = needs;
  const ends = makeDeadlines<string>(clock, (id) => {
    const publication = book.byId(id);
    if (publication !== undefined) void lanes.run(publication.presentity, () => end(publication));
  });
  /** The row is only litter from then on: an expired publication is left out wherever it is read. */
  const broom = makeBroom<Publication>({
    clock,
    remove: ({ id, etag }) => needs.publications.write({ kind: 'remove', expected: etag, id }),
    onFault(fault) {
      if (!(fault instanceof StoreUnavailable)) log.error({ fault: String(fault) }, 'an expired publication stays');
    },
  });

  /** Runs in the presentity's lane: a refresh that arrived just before has moved `expiresAt` by now. */
  function end(publication: Publication): void {
    const current = book.byId(publication.id);
    if (current === undefined) return;
    if (current.expiresAt > clock.now()) {
      ends.set(current.id, current.expiresAt);
      return;
    }
    drop(current);
    broom.soon(current);
  }

  function endNow(publication: Publication): void {
    drop(publication);
    broom.now(publication);
  }

  function drop(publication: Publication): void {
    book.drop(publication);
    needs.onEnded(publication);
  }

  return {
    watch: (publication) => ends.set(publication.id, publication.expiresAt),
    endNow,
    close() {
      ends.close();
      broom.close();
    },
  };
}
