import type { Clock } from '#runtime';
import { makeLinger } from './linger.ts';
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

interface Completed<W> {
  readonly sent: W;
  readonly mergeKey: string | undefined;
}

export interface ServerTransactionOptions {
  readonly clock: Clock;
  readonly reliable: boolean;
  readonly limit?: number;
  /** Told the key of a request that nobody answered within 64*T1, when its sender has given up (timer F there). */
  readonly onUnanswered?: (key: string) => void;
}

/** @typeParam W what is kept of an answer so that it can be sent again. */
export function makeServerTransactions<W>(options: ServerTransactionOptions): ServerTransactions<W> {
  const { clock, reliable, limit = MOST_SERVER_TRANSACTIONS } = options;
  const ongoing = new Map<string, string>();
  const leaveMerge = (mergeKey: string | undefined): void => {
    if (mergeKey !== undefined) ongoing.delete(mergeKey);
  };
  const trying = makeLinger<{ readonly mergeKey: string | undefined }>({
    clock,
    lifeMs: timerJMs(false),
    limit,
    onGone({ mergeKey }, key) {
      leaveMerge(mergeKey);
      options.onUnanswered?.(key);
    },
  });
  const completed = makeLinger<Completed<W>>({
    clock,
    lifeMs: timerJMs(reliable),
    limit,
    onGone: ({ mergeKey }) => leaveMerge(mergeKey),
  });

  return {
    arrive(key, mergeKey) {
      const done = completed.get(key);
      if (done !== undefined) return { kind: 'again', sent: done.sent };
      if (trying.get(key) !== undefined) return { kind: 'absorbed' };
      if (mergeKey !== undefined) {
        if (ongoing.has(mergeKey)) return { kind: 'merged' };
        ongoing.set(mergeKey, key);
      }
      trying.add(key, { mergeKey });
      return { kind: 'new' };
    },
    answer(key, sent) {
      const begun = trying.take(key);
      if (begun === undefined) return false;
      if (reliable) leaveMerge(begun.mergeKey);
      else completed.add(key, { sent, mergeKey: begun.mergeKey });
      return true;
    },
    forget(key) {
      const begun = trying.take(key);
      leaveMerge(begun?.mergeKey);
      return begun !== undefined;
    },
    has: (key) => trying.get(key) !== undefined || completed.get(key) !== undefined,
    get trying() {
      return trying.size;
    },
    get completed() {
      return completed.size;
    },
    close() {
      trying.close();
      completed.close();
      ongoing.clear();
    },
  };
}
