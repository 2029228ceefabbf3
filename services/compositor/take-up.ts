import type { Aor, Publication } from '#model';
import type { Clock, Lanes, Log } from '#runtime';
import { makeDeadlines } from '#runtime';
import { type Publications, StoreUnavailable } from '#store';
import type { PublicationBook } from './book.ts';
import type { PublicationSweep } from './sweep.ts';

/**
 * Takes up publications that another process wrote or removed: a status that somebody set in the portal. A Change names
 * the row; what counts is what the row says when it is looked at, so a Change seen twice or late changes nothing.
 */
export interface TakeUp {
  /** Looks at one row, in its presentity's lane; again and again while the database is away. */
  look(presentity: Aor, id: string): Promise<void>;
  /** Looks at every row that is not as it is known here: when Changes may have been missed. */
  lookAtAll(): Promise<void>;
  close(): void;
}

export interface TakeUpNeeds {
  readonly book: PublicationBook;
  readonly sweep: PublicationSweep;
  readonly publications: Pick<Publications, 'find' | 'all'>;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly log: Log;
  /** The presentity's publications are others now. */
  readonly onTaken: (publication: Publication) => void;
}

const AGAIN_MS = 1000;

export function makeTakeUp(needs: TakeUpNeeds): TakeUp {
  const { book, sweep, publications, lanes, clock, log } = needs;
  const again = makeDeadlines<string>(clock, (key) => {
    const space = key.indexOf(' ');
    void look(key.slice(space + 1) as Aor, key.slice(0, space));
  });

  async function look(presentity: Aor, id: string): Promise<void> {
    try {
      await lanes.run(presentity, async () => follow(presentity, id, await publications.find(id)));
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable)) log.error({ fault: String(fault) }, 'a publication was not taken up');
      again.set(`${id} ${presentity}`, clock.now() + AGAIN_MS);
    }
  }

  /** In the lane, so that no PUBLISH of the same presentity is between reading the row and believing it. */
  function follow(presentity: Aor, id: string, row: Publication | undefined): void {
    const known = book.byId(id);
    if (row === undefined) {
      if (known === undefined || known.presentity !== presentity) return;
      book.drop(known);
      needs.onTaken(known);
      return;
    }
    // Nobody's word but the presentity's own makes their state.
    if (row.presentity !== presentity || row.publisher !== presentity || row.etag === known?.etag) return;
    if (row.expiresAt <= clock.now()) {
      if (known !== undefined) sweep.endNow(row);
      return;
    }
    book.keep(row);
    sweep.watch(row);
    needs.onTaken(row);
  }

  return {
    look,
    async lookAtAll() {
      try {
        for await (const page of publications.all()) {
          const others = page.filter(({ id, etag }) => book.byId(id)?.etag !== etag);
          for (const { presentity, id } of others) await look(presentity, id);
        }
      } catch (fault) {
        log.warn({ fault: String(fault) }, 'publications could not be looked at');
      }
    },
    close: () => again.close(),
  };
}
