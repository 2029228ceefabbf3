import { type Clock, every, type Log } from '#runtime';
import type { Subscriptions } from '#store';

/**
 * Writes down, lazily, what each watcher was last told, so that after a restart only those are told again for whom
 * something changed meanwhile. A mark is written once it has stood still: under constant change none is, and a mark that
 * is missing or old costs one NOTIFY too many, never one too few.
 */
export interface ToldMarks {
  mark(id: string, fingerprint: string): void;
  forget(id: string): void;
  /** Writes all that is left, for a clean stop. */
  flush(): Promise<void>;
  close(): void;
}

const STILL_MS = 3000;
const AT_ONCE = 2000;

export function makeToldMarks(needs: {
  readonly subscriptions: Pick<Subscriptions, 'markTold'>;
  readonly clock: Clock;
  readonly log: Log;
}): ToldMarks {
  const { subscriptions, clock, log } = needs;
  /** Insertion order is order of time: a mark set again moves to the end. */
  const marks = new Map<string, { readonly fingerprint: string; readonly at: number }>();
  const timer = every(
    clock,
    1000,
    () => write(clock.now() - STILL_MS),
    (fault) => log.warn({ fault: String(fault) }, 'what watchers were told is not written down yet'),
  );

  async function write(until: number): Promise<void> {
    for (let due = take(until); due.size > 0; due = take(until)) {
      try {
        await subscriptions.markTold(due);
      } catch (fault) {
        for (const [id, fingerprint] of due) if (!marks.has(id)) marks.set(id, { fingerprint, at: clock.now() });
        throw fault;
      }
    }
  }

  function take(until: number): Map<string, string> {
    const due = new Map<string, string>();
    for (const [id, { fingerprint, at }] of marks) {
      if (at > until || due.size >= AT_ONCE) break;
      due.set(id, fingerprint);
    }
    for (const id of due.keys()) marks.delete(id);
    return due;
  }

  return {
    mark(id, fingerprint) {
      marks.delete(id);
      marks.set(id, { fingerprint, at: clock.now() });
    },
    forget: (id) => void marks.delete(id),
    flush: () => write(clock.now()),
    close: () => timer.cancel(),
  };
}
