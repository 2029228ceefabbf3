import type { Aor, WaitingSubscription, WatcherEvent } from '#model';
import { type Clock, type Lanes, type Log, makeDeadlines } from '#runtime';
import { StoreUnavailable, type Waitings } from '#store';
import { makeWaitingBook, type WaitingBook } from './waiting-book.ts';
import type { Watched } from './watched.ts';

/** How long an unanswered question waits: a person may be away for a week, and find it (RFC 3857 §4.7.1). */
export const WAITING_MS = 14 * 24 * 3_600_000;
/** How many questions of one watcher, and at one presentity, wait at a time; the oldest gives way (RFC 3857 §4.7.1, §6.1). */
export const MOST_BY_WATCHER = 100;
export const MOST_AT_PRESENTITY = 200;

/** What becomes of a subscription that nobody answered: kept, told, and ended. */
export interface Waiting {
  readonly book: Omit<WaitingBook, 'put' | 'drop'>;
  /** Its row is committed when this resolves, or will be once the database is back. */
  keep(waiting: WaitingSubscription): Promise<void>;
  /** Ends it, if it still waits. */
  end(waiting: WaitingSubscription, why: WatcherEvent): void;
  /** The watcher asks anew: the old question is redundant (RFC 3857 §4.7.1). */
  replaced(watched: Watched, watcher: Aor): void;
  /** Takes up those of the run before; @returns how many. */
  restore(): Promise<number>;
  close(): void;
}

export interface WaitingNeeds {
  readonly store: Pick<Waitings, 'write' | 'all'>;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly log: Log;
  /** It waits no more. */
  readonly onEnded: (waiting: WaitingSubscription, why: WatcherEvent) => void;
}

/** Rows that could not be written because the database was away are tried again this much later. */
const AGAIN_MS = 10_000;
/** A phone that polls moves the end of its question with every fetch; the row follows once this much has come together. */
const WORTH_WRITING_MS = 24 * 3_600_000;

export function makeWaiting(needs: WaitingNeeds): Waiting {
  const { store, lanes, clock, log } = needs;
  const book = makeWaitingBook();
  const ends = makeDeadlines<string>(clock, (id) => {
    const waiting = book.byId(id);
    if (waiting !== undefined) end(waiting, 'giveup');
  });
  const leftovers = makeDeadlines<WaitingSubscription>(clock, (waiting) => void settle(waiting));

  function enter(waiting: WaitingSubscription): void {
    book.put(waiting);
    ends.set(waiting.id, waiting.expiresAt);
  }

  /** Makes the row what the book says, whatever was tried before. */
  function settle(waiting: WaitingSubscription): Promise<void> {
    return lanes.run(waiting.id, async () => {
      const kept = book.byId(waiting.id);
      try {
        await store.write(kept === undefined ? { kind: 'remove', waiting } : { kind: 'keep', waiting: kept });
      } catch (fault) {
        if (!(fault instanceof StoreUnavailable)) log.error({ fault: String(fault) }, 'a question could not be kept');
        leftovers.set(waiting, clock.now() + AGAIN_MS);
      }
    });
  }

  function end(waiting: WaitingSubscription, why: WatcherEvent): void {
    if (book.byId(waiting.id) === undefined) return;
    book.drop(waiting);
    ends.delete(waiting.id);
    needs.onEnded(waiting, why);
    void settle(waiting);
  }

  function makeRoom({ presentity, watcher }: WaitingSubscription): void {
    for (const [list, most] of [
      [book.by(watcher), MOST_BY_WATCHER],
      [book.at(presentity), MOST_AT_PRESENTITY],
    ] as const) {
      const [oldest] = list;
      if (oldest !== undefined && list.length >= most) end(oldest, 'giveup');
    }
  }

  return {
    book,
    async keep(waiting) {
      const before = book.find(waiting, waiting.watcher);
      if (before === undefined) {
        makeRoom(waiting);
        enter(waiting);
        return settle(waiting);
      }
      // The same question again, by a phone that polls: it goes on waiting, and nobody is told twice.
      if (waiting.expiresAt - before.expiresAt < WORTH_WRITING_MS) return undefined;
      const again = { ...before, userAgent: waiting.userAgent, expiresAt: waiting.expiresAt };
      enter(again);
      return settle(again);
    },
    end,
    replaced(watched, watcher) {
      const before = book.find(watched, watcher);
      if (before !== undefined) end(before, 'giveup');
    },
    async restore() {
      let count = 0;
      for await (const page of store.all()) {
        for (const waiting of page) enter(waiting);
        count += page.length;
      }
      return count;
    },
    close() {
      ends.close();
      leftovers.close();
    },
  };
}
