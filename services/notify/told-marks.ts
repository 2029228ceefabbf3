import { type Clock, every, type Log } from '#runtime';
import type { Amend } from './amend.ts';
import { type Live, lowBits, sinceMs } from './live.ts';
import type { WatchBook } from './watch-book.ts';

/**
 * Writes down, lazily, what each watcher was last told, so that after a restart only those are told again for whom
 * something changed meanwhile. A mark is written once nothing was told for a while, and is taken back before the next
 * NOTIFY leaves (prepare.ts): one that stands is true, one that is missing costs one NOTIFY too many. So they have time:
 * a hand goes round all subscriptions and writes few at a time, however many have just fallen quiet.
 */
export interface ToldMarks {
  /** Writes what is left, for a clean stop, as far as there is time. */
  flush(): Promise<void>;
  close(): void;
}

/** A watcher to whom nothing was told for so long is quiet. */
const STILL_MS = 30_000;
/** 256 a second at most. Requests that come meanwhile wait behind no more than these. */
const AT_ONCE = 64;
const EVERY_MS = 250;
/** A million have been looked at after two minutes. */
const LOOKS = 2000;
/** When nobody is served any more. */
const AT_THE_END = 2000;
/** Whoever serves next waits for it. */
const END_MS = 10_000;
/** After a write that failed: the database may be away, and each that is tried counts as written. */
const REST_MS = 10_000;

export function makeToldMarks(needs: {
  readonly book: Pick<WatchBook, 'all'>;
  readonly amend: Amend;
  readonly clock: Clock;
  readonly log: Log;
}): ToldMarks {
  const { book, amend, clock, log } = needs;
  let hand = book.all()[Symbol.iterator]();
  let restsUntil = 0;
  const timer = every(
    clock,
    EVERY_MS,
    () => write(quietOnes()),
    (fault) => {
      restsUntil = clock.now() + REST_MS;
      log.warn({ fault: String(fault) }, 'what some watchers were told could not be written down');
    },
  );

  /** Goes on from where it stopped, once round at most. */
  function quietOnes(): Live[] {
    const due: Live[] = [];
    const now = clock.now();
    if (now < restsUntil) return due;
    for (let looked = 0; looked < LOOKS; looked += 1) {
      const { value: live, done } = hand.next();
      if (done) {
        hand = book.all()[Symbol.iterator]();
        break;
      }
      if (sinceMs(live.toldAt, now) < STILL_MS) continue;
      if (due.length < AT_ONCE && isToBeMarked(live)) due.push(live);
    }
    return due;
  }

  async function write(due: readonly Live[]): Promise<void> {
    await Promise.all(due.map(writeOne));
  }

  async function writeOne(live: Live): Promise<void> {
    const { shown } = live;
    live.marking = true;
    // Where it cannot be, it is tried again after another while.
    live.toldAt = lowBits(clock.now());
    try {
      // Whoever is about to be told something else sees `marking`, waits for this and takes it back.
      await amend.update(live, () => (isUnmarked(live) && live.shown === shown ? { told: shown } : undefined));
    } catch (fault) {
      // Perhaps it was written: then it must be taken back like one that was.
      live.subscription = { ...live.subscription, told: shown };
      throw fault;
    } finally {
      live.marking = false;
    }
  }

  return {
    async flush() {
      timer.cancel();
      const until = clock.now() + END_MS;
      let due: Live[] = [];
      for (const live of book.all()) {
        if (!isToBeMarked(live)) continue;
        due.push(live);
        if (due.length < AT_THE_END) continue;
        await write(due);
        due = [];
        if (clock.now() >= until) return;
      }
      await write(due);
    },
    close: () => timer.cancel(),
  };
}

function isToBeMarked(live: Live): boolean {
  return isUnmarked(live) && !live.marking;
}

/** It took what was shown last, nothing else is on its way, and its row does not say so. */
function isUnmarked({ stored, closed, inFlight, missed, shown, subscription }: Live): boolean {
  return stored && !closed && inFlight === undefined && !missed && shown !== subscription.told;
}
