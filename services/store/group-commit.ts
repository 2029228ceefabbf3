/**
 * Group commit: writes that arrive while a commit is under way are gathered and go together as the next one; every
 * caller waits for their own durability. No key occurs twice in a batch: a second write of a key waits for the next one,
 * so what one caller sends in order happens in order.
 *
 * What a fault means to the callers:
 * - busy (deadlock, lock timeout): the batch is tried again, a bounded number of times;
 * - a row that the tables do not take: the batch is split until that row stands alone, which is `refused`;
 * - outcome unknown (the connection was cut at COMMIT): the rows are read again before anybody is answered;
 * - unreachable: StoreUnavailable for the batch and for all who wait behind it, who would only wait for the same.
 */
import { DatabaseFault } from './database-fault.ts';
import { StoreUnavailable, type WriteOutcome } from './store.ts';

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
  readonly maxBatch: number;
  readonly maxBatchBytes: number;
  /** More writes than this are turned away at once. */
  readonly maxWaiting: number;
}

interface Entry<Write> {
  readonly write: Write;
  readonly key: string;
  readonly answer: (outcome: WriteOutcome) => void;
  readonly fail: (fault: unknown) => void;
}

/** Tries of one batch when the database is busy, and of a reading after an unknown outcome. */
const TRIES = 6;
const FIRST_PAUSE_MS = 10;

export function makeGroupCommit<Write>(plan: GroupCommitPlan<Write>): GroupCommit<Write> {
  let queue: Entry<Write>[] = [];
  let underWay = 0;
  let running: Promise<void> | undefined;

  /** The next batch, in order of arrival, each key once; the rest stays queued in its order. */
  function takeBatch(): Entry<Write>[] {
    const batch: Entry<Write>[] = [];
    const keys = new Set<string>();
    const left: Entry<Write>[] = [];
    let bytes = 0;
    for (let index = 0; index < queue.length; index += 1) {
      const entry = queue[index] as Entry<Write>;
      const size = plan.bytesOf(entry.write);
      if (batch.length === plan.maxBatch || (batch.length > 0 && bytes + size > plan.maxBatchBytes)) {
        left.push(...queue.slice(index));
        break;
      }
      if (keys.has(entry.key)) {
        left.push(entry);
        continue;
      }
      keys.add(entry.key);
      batch.push(entry);
      bytes += size;
    }
    queue = left;
    underWay = batch.length;
    return batch;
  }

  async function run(): Promise<void> {
    await Promise.resolve();
    while (queue.length > 0) await settle(takeBatch(), 1);
    underWay = 0;
    running = undefined;
  }

  async function settle(batch: readonly Entry<Write>[], attempt: number): Promise<void> {
    let outcomes: readonly WriteOutcome[];
    try {
      outcomes = await plan.commit(batch.map((entry) => entry.write));
    } catch (fault) {
      return recover(batch, attempt, fault);
    }
    batch.forEach((entry, index) => {
      entry.answer(outcomes[index] as WriteOutcome);
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
        if (batch.length === 1) return first?.answer('refused');
        const middle = batch.length >> 1;
        await settle(batch.slice(0, middle), 1);
        return settle(batch.slice(middle), 1);
      }
      case 'outcome-unknown':
        return learn(batch, attempt, fault);
      case 'unreachable':
        failAll(batch, unavailable('the database is away', fault));
        failAll(queue.splice(0), unavailable('the database is away', fault));
        return;
    }
  }

  async function learn(batch: readonly Entry<Write>[], attempt: number, fault: DatabaseFault): Promise<void> {
    const stands = await readAgain(batch.map((entry) => entry.write));
    if (stands === undefined) return failAll(batch, unavailable('the outcome of a commit is not known', fault));
    const again: Entry<Write>[] = [];
    batch.forEach((entry, index) => {
      const outcome = stands[index];
      if (outcome === undefined) again.push(entry);
      else entry.answer(outcome);
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
        await plan.pause(pauseMs(attempt));
      }
    }
    return undefined;
  }

  return {
    write(write) {
      if (queue.length + underWay >= plan.maxWaiting) {
        return Promise.reject(new StoreUnavailable('too many writes wait for the database'));
      }
      return new Promise((answer, fail) => {
        queue.push({ write, key: plan.keyOf(write), answer, fail });
        running ??= run();
      });
    },
    get waiting() {
      return queue.length + underWay;
    },
    async idle() {
      while (running !== undefined) await running;
    },
  };
}

function failAll(entries: readonly { readonly fail: (fault: unknown) => void }[], fault: unknown): void {
  for (const entry of entries) entry.fail(fault);
}

function unavailable(message: string, cause: unknown): StoreUnavailable {
  return new StoreUnavailable(message, { cause });
}

function pauseMs(attempt: number): number {
  return FIRST_PAUSE_MS * 2 ** (attempt - 1);
}
