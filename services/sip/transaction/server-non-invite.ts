import type { Clock } from '#runtime';
import { makeRow, type Row } from './row.ts';
import { timerJMs } from './timers.ts';

/**
 * Server transactions of requests other than INVITE and ACK (RFC 3261 §17.2.2). States: Trying from the request to our
 * final answer, Completed until timer J; Proceeding does not exist, because we give no provisional answers to such
 * requests (RFC 4320 §4.1). In Completed only the key and the answer are kept.
 */
export interface ServerTransactions<W> {
  /**
   * A request has come in.
   * - `new`: hand it to the user; `answer` must follow, or `forget`.
   * - `absorbed`: a retransmission in Trying; its answer is under way.
   * - `again`: a retransmission in Completed; send these bytes again.
   * - `merged`: the same request by another path (§8.2.2.2); no transaction was made.
   */
  arrive(key: string, mergeKey: string | undefined): Arrival<W>;
  /** The final answer as sent. @returns false when the transaction is over and the answer must not be sent. */
  answer(key: string, sent: W): boolean;
  /** Ends a transaction in Trying and leaves nothing behind: stateless answers (§8.2.7). @returns false as `answer`. */
  forget(key: string): boolean;
  has(key: string): boolean;
  /** How many still wait for their answer. */
  readonly trying: number;
  readonly completed: number;
  close(): void;
}

export type Arrival<W> =
  | { readonly kind: 'new' }
  | { readonly kind: 'absorbed' }
  | { readonly kind: 'again'; readonly sent: W }
  | { readonly kind: 'merged' };

/**
 * How many transactions are kept in each state unless told otherwise. At some 800 bytes each that is below 100 MB; above
 * 3,000 answers a second the oldest go before timer J, but not before 64*T1 * 3,000/rate, which is three seconds and more
 * at 30,000 a second: a client that has heard nothing sends for the second and third time within two.
 */
export const MOST_SERVER_TRANSACTIONS = 100_000;

/** What both states come down to: in Completed there is an answer. */
interface Transaction<W> {
  readonly key: string;
  readonly mergeKey: string | undefined;
  state: 'trying' | 'completed' | 'over';
  sent: W | undefined;
  /** When it is forgotten, epoch ms. */
  goneAt: number;
}

/** The timers do not fire more often than this, so that a transaction may stay so much longer than it must. */
const SWEEP_AT_MOST_EVERY_MS = 250;

export interface ServerTransactionOptions {
  readonly clock: Clock;
  readonly reliable: boolean;
  readonly limit?: number;
  /** Merge keys of what is going on, where other transports' transactions count, too (§8.2.2.2). */
  readonly merging?: Set<string>;
  /** Told the key of a request that nobody answered within 64*T1, when its sender has given up (timer F there). */
  readonly onUnanswered?: (key: string) => void;
}

/** @typeParam W what is kept of an answer so that it can be sent again. */
export function makeServerTransactions<W>(options: ServerTransactionOptions): ServerTransactions<W> {
  const { clock, reliable, limit = MOST_SERVER_TRANSACTIONS, merging = new Set<string>() } = options;
  const known = new Map<string, Transaction<W>>();
  let trying = 0;
  let completed = 0;
  const unanswered = rowOf('trying', giveUp);
  const answered = rowOf('completed', forget);

  function rowOf(state: 'trying' | 'completed', onDue: (transaction: Transaction<W>) => void): Row<Transaction<W>> {
    return makeRow<Transaction<W>>({
      clock,
      dueAt: ({ goneAt }) => goneAt,
      hasLeft: (transaction) => transaction.state !== state,
      onDue,
      atMostEveryMs: SWEEP_AT_MOST_EVERY_MS,
    });
  }

  function forget(transaction: Transaction<W>): void {
    if (transaction.state === 'trying') trying -= 1;
    if (transaction.state === 'completed') completed -= 1;
    transaction.state = 'over';
    transaction.sent = undefined;
    known.delete(transaction.key);
    if (transaction.mergeKey !== undefined) merging.delete(transaction.mergeKey);
  }

  function giveUp(transaction: Transaction<W>): void {
    forget(transaction);
    options.onUnanswered?.(transaction.key);
  }

  /** The oldest go, a sixteenth at once, so that it does not happen for each that comes. */
  function makeRoom(row: Row<Transaction<W>>, onGone: (transaction: Transaction<W>) => void): void {
    for (let surplus = Math.max(1, limit >> 4); surplus > 0; surplus -= 1) {
      const oldest = row.shift();
      if (oldest === undefined) return;
      onGone(oldest);
    }
  }

  return {
    arrive(key, mergeKey) {
      const before = known.get(key);
      if (before !== undefined)
        return before.state === 'completed' ? { kind: 'again', sent: before.sent as W } : { kind: 'absorbed' };
      if (mergeKey !== undefined) {
        if (merging.has(mergeKey)) return { kind: 'merged' };
        merging.add(mergeKey);
      }
      if (trying >= limit) makeRoom(unanswered, giveUp);
      const goneAt = clock.now() + timerJMs(false);
      const transaction: Transaction<W> = { key, mergeKey, state: 'trying', sent: undefined, goneAt };
      known.set(key, transaction);
      trying += 1;
      unanswered.add(transaction);
      return { kind: 'new' };
    },
    answer(key, sent) {
      const transaction = known.get(key);
      if (transaction?.state !== 'trying') return false;
      if (reliable) {
        forget(transaction);
        return true;
      }
      if (completed >= limit) makeRoom(answered, forget);
      trying -= 1;
      completed += 1;
      transaction.state = 'completed';
      transaction.sent = sent;
      transaction.goneAt = clock.now() + timerJMs(false);
      answered.add(transaction);
      return true;
    },
    forget(key) {
      const transaction = known.get(key);
      if (transaction?.state !== 'trying') return false;
      forget(transaction);
      return true;
    },
    has: (key) => known.has(key),
    get trying() {
      return trying;
    },
    get completed() {
      return completed;
    },
    close() {
      unanswered.close();
      answered.close();
      known.clear();
      merging.clear();
      trying = 0;
      completed = 0;
    },
  };
}
