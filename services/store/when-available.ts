import { type Clock, type Log, pause } from '#runtime';
import { StoreUnavailable } from './store.ts';

const AGAIN_MS = 500;
const SAY_EVERY_MS = 60_000;

export interface WhenAvailableOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined: as long as it takes. */
  readonly withinMs?: number;
}

/**
 * For the start of a process, which may come before the database's: does the work again until the database is there, and
 * says that it waits, once and then each minute. @throws the work's StoreUnavailable when the time is over, and any fault
 * of another kind at once.
 */
export async function whenAvailable<T>(work: () => Promise<T>, options: WhenAvailableOptions): Promise<T> {
  const { clock, log, withinMs = Number.POSITIVE_INFINITY } = options;
  const startedAt = clock.now();
  let saidAt: number | undefined;
  for (;;) {
    try {
      return await work();
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable) || clock.now() - startedAt >= withinMs) throw fault;
      if (saidAt === undefined || clock.now() - saidAt >= SAY_EVERY_MS) {
        saidAt = clock.now();
        log.warn({ fault: fault.message }, 'waiting: the database cannot be reached');
      }
    }
    await pause(clock, AGAIN_MS);
  }
}
