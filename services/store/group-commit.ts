/**
 * Group commit: writes that arrive in one turn of the event loop, or while a commit is under way, are gathered and go
 * together, and without waiting for the turn's end where they are enough; every caller waits for their own durability. No
 * key is in two batches at a time: a second write of a key waits until the first is answered, so what one caller sends in
 * order happens in order. Where enough are waiting, the next batch goes while others are still being committed.
 *
 * What a fault means to the callers:
 * - busy (deadlock, lock timeout): the batch is tried again, a bounded number of times;
 * - a row that the tables do not take: the batch is split until that row stands alone, which is `refused`;
 * - outcome unknown (the connection was cut at COMMIT): the rows are read again before anybody is answered;
 * - unreachable: StoreUnavailable for the batch and for all who wait behind it, who would only wait for the same;
 * - not ours (another process has taken the role): StoreUnavailable, and nothing was written.
 */
import { DatabaseFault } from './database-fault.ts';
import { StoreUnavailable, type WriteOutcome } from './store.ts';
import { makeWriteQueue } from './write-queue.ts';

export interface GroupCommit<Write> {
  /** Resolves after the commit that holds the write. @throws StoreUnavailable */
  write(write: Write): Promise<WriteOutcome>;
  /** Writes that are not answered yet. */
  readonly waiting: number;
  /** Resolves when every write is answered. */
  idle(): Promise<void>;
}

export interface GroupCommitPlan<Write> {
  keyOf(write: Write): string;
  /** About how many bytes the write brings: batches stay below what a database takes in one statement. */
  bytesOf(write: Write): number;
  /** One transaction for all; an outcome per write, in order. Throws a {@link DatabaseFault} with nothing applied. */
  commit(writes: readonly Write[]): Promise<readonly WriteOutcome[]>;
  /** After an unknown outcome: what stands now, in order; undefined where the write did not happen and goes again. */
  reread(writes: readonly Write[]): Promise<readonly (WriteOutcome | undefined)[]>;
  /** Waits between two tries. Locks are held in real time, so this is no matter of a test's clock. */
  pause(ms: number): Promise<void>;
  /** Calls back after what has arrived in this turn of the event loop has been handed over. */
  soon(work: () => void): void;
  readonly maxBatch: number;
  readonly maxBatchBytes: number;
  /** More writes than this are turned away at once. */
  readonly maxWaiting: number;
  /** Batches that may be under way at a time. */
  readonly maxUnderWay: number;
  /** While one is under way, another one goes only with so many writes: few large batches cost less than many small ones. */
  readonly worthAnother: number;
  /**
   * With so many a batch does not wait for the others of this turn: the database commits it while they are being read. Infinity
   * where a commit takes this process's own time.
   */
  readonly enough: number;
}

interface Entry<Write> {
  readonly write: Write;
  readonly key: string;
  readonly bytes: number;
  readonly answer: (outcome: WriteOutcome) => void;
  readonly fail: (fault: unknown) => void;
}

/** Tries of one batch when the database is busy, and of a reading after an unknown outcome. */
const TRIES = 6;
const FIRST_PAUSE_MS = 10;

export function makeGroupCommit<Write>(plan: GroupCommitPlan<Write>): GroupCommit<Write> {
  const queue = makeWriteQueue<Entry<Write>>();
  let underWay = 0;
  let starting = false;
  let idlers: (() => void)[] = [];

  function start(): void {
    if (starting || !mayStart()) return;
    starting = true;
    plan.soon(() => {
      starting = false;
      while (mayStart()) void runNext();
    });
  }

  function mayStart(): boolean {
    if (underWay === 0) return queue.ready > 0;
    return underWay < plan.maxUnderWay && queue.ready >= plan.worthAnother;
  }

  async function runNext(): Promise<void> {
    underWay += 1;
    await settle(queue.take(plan.maxBatch, plan.maxBatchBytes), 1);
    underWay -= 1;
    start();
    if (queue.unsettled > 0) return;
    for (const idle of idlers) idle();
    idlers = [];
  }

  function answer(entry: Entry<Write>, outcome: WriteOutcome): void {
    queue.settle(entry);
    entry.answer(outcome);
  }

  function failAll(entries: readonly Entry<Write>[], fault: unknown): void {
    for (const entry of entries) {
      queue.settle(entry);
      entry.fail(fault);
    }
  }

  async function settle(batch: readonly Entry<Write>[], attempt: number): Promise<void> {
    let outcomes: readonly WriteOutcome[];
    try {
      outcomes = await plan.commit(batch.map((entry) => entry.write));
    } catch (fault) {
      return recover(batch, attempt, fault);
    }
    batch.forEach((entry, index) => {
      answer(entry, outcomes[index] as WriteOutcome);
    });
  }

  async function recover(batch: readonly Entry<Write>[], attempt: number, fault: unknown): Promise<void> {
    if (!(fault instanceof DatabaseFault)) return failAll(batch, fault);
    switch (fault.kind) {
      case 'busy':
        if (attempt >= TRIES) return failAll(batch, unavailable('the database stays busy', fault));
        await plan.pause(pauseMs(attempt));
        return settle(batch, attempt + 1);
      case 'taken':
      case 'bad-row': {
        const [first] = batch;
        if (first === undefined) return;
        if (batch.length === 1) return answer(first, 'refused');
        const middle = batch.length >> 1;
        await settle(batch.slice(0, middle), 1);
        return settle(batch.slice(middle), 1);
      }
      case 'outcome-unknown':
        return learn(batch, attempt, fault);
      case 'unreachable':
        failAll(batch, unavailable('the database is away', fault));
        while (queue.ready > 0) {
          failAll(queue.take(plan.maxWaiting, Number.POSITIVE_INFINITY), unavailable('the database is away', fault));
        }
        return;
      case 'not-ours':
        return failAll(batch, unavailable('another process holds the role', fault));
    }
  }

  async function learn(batch: readonly Entry<Write>[], attempt: number, fault: DatabaseFault): Promise<void> {
    const stands = await readAgain(batch.map((entry) => entry.write));
    if (stands === undefined) return failAll(batch, unavailable('the outcome of a commit is not known', fault));
    const again: Entry<Write>[] = [];
    batch.forEach((entry, index) => {
      const outcome = stands[index];
      if (outcome === undefined) again.push(entry);
      else answer(entry, outcome);
    });
    if (again.length === 0) return;
    if (attempt >= TRIES) return failAll(again, unavailable('the database does not commit', fault));
    return settle(again, attempt + 1);
  }

  async function readAgain(writes: readonly Write[]): Promise<readonly (WriteOutcome | undefined)[] | undefined> {
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      try {
        return await plan.reread(writes);
      } catch (fault) {
        if (!(fault instanceof DatabaseFault)) return undefined;
        // No connection can be had: whoever asks again and again only has the driver wait longer when the database is back.
        if (fault.kind === 'unreachable') return undefined;
        await plan.pause(pauseMs(attempt));
      }
    }
    return undefined;
  }

  return {
    write(write) {
      if (queue.unsettled >= plan.maxWaiting) {
        return Promise.reject(new StoreUnavailable('too many writes wait for the database'));
      }
      return new Promise((answered, fail) => {
        queue.push({ write, key: plan.keyOf(write), bytes: plan.bytesOf(write), answer: answered, fail });
        if (queue.ready >= plan.enough && mayStart()) void runNext();
        else start();
      });
    },
    get waiting() {
      return queue.unsettled;
    },
    idle: () => (queue.unsettled === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
  };
}

function unavailable(message: string, cause: unknown): StoreUnavailable {
  return new StoreUnavailable(message, { cause });
}

function pauseMs(attempt: number): number {
  return FIRST_PAUSE_MS * 2 ** (attempt - 1);
}
