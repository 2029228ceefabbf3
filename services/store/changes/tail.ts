import type { Change } from '#model';
import type { Clock, Log, Timer } from '#runtime';
import type { EventLoader, Journal, JournalRow } from '../store.ts';
import { type Gaps, makeGaps } from './gaps.ts';

export interface Tail {
  /**
   * Resolves when the place in the journal is known: facts read after this are facts whose changes will be heard. Facts
   * read before it may be old without anybody saying so. Never rejects; a database that is away delays it.
   */
  readonly ready: Promise<void>;
  /** Epoch ms at which the last poll that succeeded began; undefined before the first. */
  lastSuccessAt(): number | undefined;
  /** Milliseconds of changes that may be unseen: how long ago the last poll that succeeded began. */
  lag(): number;
  /** False while cached facts may not be trusted, because no poll has succeeded for `staleAfterMs`. */
  isFresh(): boolean;
  /** Nothing is called back any more. Resolves when the poll under way, if any, has let go of the store. */
  close(): Promise<void>;
}

export interface TailOptions {
  readonly journal: Journal;
  /** When given, read whole every `loaderMs` and compared, so that a row edited by hand is seen. */
  readonly eventLoader?: Pick<EventLoader, 'list'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly pollMs?: number;
  readonly loaderMs?: number;
  readonly staleAfterMs?: number;
  /** No transaction that writes the journal lives longer: an id that is not visible by then will never be. */
  readonly longestTransactionMs?: number;
  /** More missing ids than this are not remembered one by one: everything is looked at again. */
  readonly maxGaps?: number;
  /** Whether this reader removes old rows; the SIP service does, and nobody else. */
  readonly purges?: boolean;
  readonly retentionMs?: number;
  /** Every Change but `everything`, at least once. */
  readonly onChange: (change: Change) => void;
  /** Changes may have been missed, or somebody said that all is to be looked at. */
  readonly onEverything: () => void;
}

const PAGE = 500;
/** How far below its place a reader that starts looks for ids that are taken but not yet visible. */
const LOOK_BACK = 256;
const CHECK_MS = 5_000;
const PURGE_EVERY_MS = 300_000;
const LONGEST_SKEW_MS = 7 * 86_400_000;

/** Follows the journal, from its newest row on, until closed (docs/architecture.md, «Two containers, one database»). */
export function startTail(options: TailOptions): Tail {
  const { journal, eventLoader, clock, log, pollMs = 200, loaderMs = 2_000, staleAfterMs = 5_000 } = options;
  const { longestTransactionMs = 30_000, maxGaps = 10_000, retentionMs = 3_600_000, purges = false } = options;

  const gaps: Gaps = makeGaps(maxGaps);
  const lookBack = Math.min(LOOK_BACK, maxGaps);
  let started = false;
  /** The largest id seen; undefined while the journal has been empty since the start. */
  let position: number | undefined;
  let lastSuccessAt: number | undefined;
  let begunAt = 0;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let loaderReadAt = Number.NEGATIVE_INFINITY;
  let loaderSeen: string | undefined;
  let everythingAt = Number.POSITIVE_INFINITY;
  let purgedAt = clock.now();
  /** How far the slowest writer's clock lies behind ours: rows are kept that much longer, so none goes before it is read. */
  let skewMs = 0;
  let failing = false;
  let closed = false;
  let timer: Timer | undefined;
  let begun: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    begun = resolve;
  });

  const lag = (): number => (lastSuccessAt === undefined ? Number.POSITIVE_INFINITY : clock.now() - lastSuccessAt);

  async function poll(): Promise<void> {
    const startedAt = clock.now();
    if (started) {
      if (startedAt - checkedAt >= CHECK_MS) await check(startedAt);
      await rereadGaps(startedAt);
    } else await begin();
    await readOn();
    if (startedAt >= everythingAt) {
      everythingAt = Number.POSITIVE_INFINITY;
      everything('changes may have been under way that could not be waited for one by one');
    }
    // Not when it ended: what it saw is as old as its beginning.
    lastSuccessAt = startedAt;
  }

  /** The newest row is the place to start from. With an empty journal it is where the first row will be seen. */
  async function begin(): Promise<void> {
    const span = await journal.span();
    if (span !== undefined) await beginAt(span.newest);
    begunAt = clock.now();
    checkedAt = begunAt;
    started = true;
  }

  async function beginAt(newest: number): Promise<void> {
    const from = Math.max(0, newest - lookBack);
    const rows = (await journal.after(from, lookBack)).filter((row) => row.id <= newest);
    const now = clock.now();
    gaps.clear();
    gaps.remember(from, newest + 1, now);
    for (const row of rows) gaps.forget(row.id);
    position = newest;
    // A row that is older than any transaction shows that nothing before it can still be open; else wait until that is so.
    if (from > 0 && rows.every((row) => row.at > now - 2 * longestTransactionMs)) everythingLater();
  }

  /** Compares our place with what is kept: the rows after it could be gone, or be counted anew. */
  async function check(startedAt: number): Promise<void> {
    const readAt = lastSuccessAt ?? begunAt;
    const span = await journal.span();
    checkedAt = startedAt;
    if (span === undefined) {
      if (startedAt - readAt >= retentionMs / 2) everything('the journal was emptied while it could not be read');
    } else if (position !== undefined && span.newest < position) {
      await beginAt(span.newest);
      everything('the journal began anew');
    } else if (position !== undefined && position + 1 < span.oldest) {
      // The place stays: ids between it and the oldest row may also be open transactions, which become gaps.
      everything('this reader is older than the journal');
    }
  }

  async function rereadGaps(startedAt: number): Promise<void> {
    for (const ids of gaps.pages(PAGE)) {
      for (const row of await journal.byId(ids)) {
        gaps.forget(row.id);
        deliver(row);
      }
    }
    // Only after they were read once more: a transaction that was open when the gap was seen has ended by now.
    gaps.expire(startedAt - longestTransactionMs);
  }

  async function readOn(): Promise<void> {
    for (let rows = await nextRows(); rows.length > 0; rows = rows.length < PAGE ? [] : await nextRows()) {
      const now = clock.now();
      for (const row of rows) {
        if (position === undefined && row.id > lookBack + 1) everythingLater();
        if (!gaps.remember(position ?? Math.max(0, row.id - lookBack - 1), row.id, now)) {
          everything('too many ids of the journal are missing');
          everythingLater();
        }
        position = row.id;
        deliver(row);
      }
    }
  }

  /** Once more when every transaction that is open now has ended. */
  function everythingLater(): void {
    everythingAt = clock.now() + longestTransactionMs;
  }

  function nextRows(): Promise<readonly JournalRow[]> {
    return closed ? Promise.resolve([]) : journal.after(position ?? 0, PAGE);
  }

  function deliver(row: JournalRow): void {
    skewMs = Math.min(LONGEST_SKEW_MS, Math.max(skewMs, clock.now() - row.at));
    if (row.change.kind === 'everything') everything('a Change says so');
    else tell(row.change);
  }

  function tell(change: Change): void {
    call(() => options.onChange(change));
  }

  function everything(why: string): void {
    log.info({ why }, 'everything is looked at again');
    call(options.onEverything);
  }

  function call(listener: () => void): void {
    if (closed) return;
    try {
      listener();
    } catch (fault) {
      log.error({ fault: String(fault) }, 'a listener of the journal failed');
    }
  }

  async function compareLoader(): Promise<void> {
    const now = clock.now();
    if (eventLoader === undefined || closed || now - loaderReadAt < loaderMs) return;
    const seen = JSON.stringify((await eventLoader.list()).map((row) => [row.event, row.module, row.enabled]));
    loaderReadAt = now;
    const differs = loaderSeen !== undefined && seen !== loaderSeen;
    loaderSeen = seen;
    if (differs) tell({ kind: 'packages', subject: '' });
  }

  async function purge(): Promise<void> {
    if (!purges || closed || clock.now() - purgedAt < PURGE_EVERY_MS) return;
    purgedAt = clock.now();
    try {
      await journal.purge(purgedAt - retentionMs - skewMs);
    } catch (fault) {
      log.warn({ fault: String(fault) }, 'old rows of the journal could not be removed');
    }
  }

  async function turn(): Promise<void> {
    try {
      await poll();
      await compareLoader();
      begun();
      if (failing) log.info({}, 'the database can be read again');
      failing = false;
      await purge();
    } catch (fault) {
      if (!failing) log.warn({ fault: String(fault) }, 'the database cannot be read');
      failing = true;
    }
    if (!closed) timer = clock.after(pollMs, next);
  }

  let underWay = Promise.resolve();
  function next(): void {
    underWay = turn();
  }
  next();

  return {
    ready,
    lastSuccessAt: () => lastSuccessAt,
    lag,
    isFresh: () => lag() < staleAfterMs,
    close() {
      closed = true;
      timer?.cancel();
      return underWay;
    },
  };
}
