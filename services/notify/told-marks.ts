import { type Clock, every, type Log } from '#runtime';
import type { Amend } from './amend.ts';
import type { Live } from './live.ts';

/**
 * Writes down, lazily, what each watcher was last told, so that after a restart only those are told again for whom
 * something changed meanwhile. A mark is written once nothing was told for a while, and is taken back before the next
 * NOTIFY leaves (prepare.ts): one that stands is true, one that is missing costs one NOTIFY too many.
 */
export interface ToldMarks {
  mark(live: Live, fingerprint: string): void;
  forget(live: Live): void;
  /** Writes all that is left, for a clean stop. */
  flush(): Promise<void>;
  close(): void;
}

interface Mark {
  fingerprint: string;
  at: number;
  placedAt: number;
}

const STILL_MS = 30_000;
/** Requests that come meanwhile wait behind no more than these. */
const AT_ONCE = 64;
/** When nobody is served any more. */
const AT_THE_END = 2000;

export function makeToldMarks(needs: { readonly amend: Amend; readonly clock: Clock; readonly log: Log }): ToldMarks {
  const { amend, clock, log } = needs;
  /** In order of `placedAt`; one that was set again since moves to the end when it is its turn. */
  const marks = new Map<Live, Mark>();
  const timer = every(
    clock,
    1000,
    () => write(clock.now() - STILL_MS, AT_ONCE),
    (fault) => log.warn({ fault: String(fault) }, 'what watchers were told is not written down yet'),
  );

  async function write(until: number, atOnce: number): Promise<void> {
    for (let due = take(until, atOnce); due.length > 0; due = take(until, atOnce)) {
      await Promise.all(due.map(([live, fingerprint]) => writeOne(live, fingerprint)));
    }
  }

  async function writeOne(live: Live, fingerprint: string): Promise<void> {
    live.marking = true;
    try {
      // Whoever is about to be told something else sees `marking`, waits for this and takes it back.
      await amend.update(live, () => (isStill(live, fingerprint) ? { told: fingerprint } : undefined));
    } catch (fault) {
      // Perhaps it was written: then it must be taken back like one that was.
      live.subscription = { ...live.subscription, told: fingerprint };
      throw fault;
    } finally {
      live.marking = false;
    }
  }

  function take(until: number, atOnce: number): [Live, string][] {
    const due: [Live, string][] = [];
    for (const [live, mark] of marks) {
      if (mark.placedAt > until || due.length >= atOnce) break;
      marks.delete(live);
      if (mark.at > until) {
        mark.placedAt = mark.at;
        marks.set(live, mark);
      } else {
        // A quiet one holds no more than it must.
        live.envelope = undefined;
        due.push([live, mark.fingerprint]);
      }
    }
    return due;
  }

  return {
    mark(live, fingerprint) {
      const at = clock.now();
      const known = marks.get(live);
      if (known === undefined) marks.set(live, { fingerprint, at, placedAt: at });
      else {
        known.fingerprint = fingerprint;
        known.at = at;
      }
    },
    forget: (live) => void marks.delete(live),
    flush: () => write(clock.now(), AT_THE_END),
    close: () => timer.cancel(),
  };
}

/** Nothing else was shown since, and nothing is on its way. */
function isStill(live: Live, fingerprint: string): boolean {
  return live.stored && !live.closed && live.inFlight === undefined && live.shown.fingerprint === fingerprint;
}
