import { type Clock, SteadyMap } from '#runtime';
import type { Completed, SentAnswer } from './completed.ts';
import { makeRow } from './row.ts';
import { timerJMs } from './timers.ts';

/**
 * Server transactions of requests other than INVITE and ACK (RFC 3261 §17.2.2). States: Trying from the request to our
 * final answer, Completed until timer J; Proceeding does not exist, because we give no provisional answers to such
 * requests (RFC 4320 §4.1). In Completed only the keys and the answer are kept.
 */
export interface ServerTransactions {
  /**
   * A request has come in.
   * - `new`: hand it to the user; `answer` must follow, or `forget`.
   * - `absorbed`: a retransmission in Trying; its answer is under way.
   * - `again`: a retransmission in Completed; send these bytes again.
   * - `merged`: the same request by another path (§8.2.2.2); no transaction was made.
   */
  arrive(key: string, mergeKey: string | undefined): Arrival;
  /** The final answer as sent. @returns false when the transaction is over and the answer must not be sent. */
  answer(key: string, sent: SentAnswer): boolean;
  /** Ends a transaction in Trying and leaves nothing behind: stateless answers (§8.2.7). @returns false as `answer`. */
  forget(key: string): boolean;
  has(key: string): boolean;
  /** How many still wait for their answer. */
  readonly trying: number;
  close(): void;
}

export type Arrival =
  | { readonly kind: 'new' }
  | { readonly kind: 'absorbed' }
  | { readonly kind: 'again'; readonly sent: SentAnswer }
  | { readonly kind: 'merged' };

/**
 * How many transactions are kept in each state unless told otherwise. Above 3,000 answers a second the oldest go before timer J,
 * but not before 64*T1 * 3,000/rate, which is three seconds and more at 30,000 a second: a client that has heard nothing
 * sends for the second and third time within two.
 */
export const MOST_SERVER_TRANSACTIONS = 100_000;

interface Transaction {
  readonly key: string;
  readonly mergeKey: string | undefined;
  isOver: boolean;
  /** When it is given up, epoch ms. */
  readonly goneAt: number;
}

/** The timer does not fire more often than this, so that a transaction may stay so much longer than it must. */
const SWEEP_AT_MOST_EVERY_MS = 250;

export interface ServerTransactionOptions {
  readonly clock: Clock;
  /** Timer J is zero. */
  readonly reliable: boolean;
  /** Of those in Trying. */
  readonly limit?: number;
  /** Those of other transports stand there, too: their merge keys count (§8.2.2.2). */
  readonly completed: Completed;
  /** Merge keys of those in Trying, of other transports, too. */
  readonly merging?: SteadyMap<true>;
  /** Told the key of a request that nobody answered within 64*T1, when its sender has given up (timer F there). */
  readonly onUnanswered?: (key: string) => void;
}

export function makeServerTransactions(options: ServerTransactionOptions): ServerTransactions {
  const { clock, reliable, limit = MOST_SERVER_TRANSACTIONS, completed, merging = new SteadyMap<true>() } = options;
  const trying = new SteadyMap<Transaction>();
  const unanswered = makeRow<Transaction>({
    clock,
    dueAt: ({ goneAt }) => goneAt,
    hasLeft: ({ isOver }) => isOver,
    onDue: giveUp,
    atMostEveryMs: SWEEP_AT_MOST_EVERY_MS,
  });

  function end(transaction: Transaction): void {
    transaction.isOver = true;
    trying.delete(transaction.key);
    if (transaction.mergeKey !== undefined) merging.delete(transaction.mergeKey);
  }

  /** Ends the one with this key, if it still waits. */
  function endOf(key: string): Transaction | undefined {
    const transaction = trying.get(key);
    if (transaction !== undefined) end(transaction);
    return transaction;
  }

  function giveUp(transaction: Transaction): void {
    end(transaction);
    options.onUnanswered?.(transaction.key);
  }

  /** The oldest go, a sixteenth at once, so that it does not happen for each that comes. */
  function makeRoom(): void {
    for (let surplus = Math.max(1, limit >> 4); surplus > 0; surplus -= 1) {
      const oldest = unanswered.shift();
      if (oldest === undefined) return;
      giveUp(oldest);
    }
  }

  return {
    arrive(key, mergeKey) {
      if (trying.has(key)) return { kind: 'absorbed' };
      const sent = reliable ? undefined : completed.find(key);
      if (sent !== undefined) return { kind: 'again', sent };
      if (mergeKey !== undefined) {
        if (merging.has(mergeKey) || completed.hasMerge(mergeKey)) return { kind: 'merged' };
        merging.set(mergeKey, true);
      }
      if (trying.size >= limit) makeRoom();
      const transaction: Transaction = { key, mergeKey, isOver: false, goneAt: clock.now() + timerJMs(false) };
      trying.set(key, transaction);
      unanswered.add(transaction);
      return { kind: 'new' };
    },
    answer(key, sent) {
      const transaction = endOf(key);
      if (transaction === undefined) return false;
      if (!reliable) completed.add(key, transaction.mergeKey, sent);
      return true;
    },
    forget: (key) => endOf(key) !== undefined,
    has: (key) => trying.has(key) || (!reliable && completed.has(key)),
    get trying() {
      return trying.size;
    },
    close() {
      unanswered.close();
      for (const transaction of trying.values()) end(transaction);
    },
  };
}
