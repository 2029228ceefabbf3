import { type Clock, makeDeadlines, SteadyMap } from '#runtime';
import type { Outcome, SentRequest, SipResponse } from '../message.ts';
import type { OnFailure } from '../transport/index.ts';
import { makeRecent } from './recent.ts';
import { makeRow } from './row.ts';
import { T1_MS, T2_MS, TIMER_F_MS, timerKMs } from './timers.ts';

/**
 * Client transactions of requests other than INVITE (RFC 3261 §17.1.2): Trying, Proceeding after a provisional response,
 * Completed until timer K, Terminated. Those that are not answered within T1 stand in one heap with
 * their timers E and F.
 */
export interface ClientTransactions {
  /** Sends the request now and begins. `onOutcome` is called once, never in this turn. */
  begin(request: ClientRequest, onOutcome: (outcome: Outcome) => void): SentRequest;
  /** A response whose key is this one has come in. `stray`: it belongs to nothing here. */
  receive(key: string, response: SipResponse): 'taken' | 'absorbed' | 'stray';
  /** How many wait for a final response. */
  readonly size: number;
  /** Abandons them all. */
  close(): void;
}

export interface ClientRequest {
  /** Branch and method ({@link responseKey}); in use nowhere else. */
  readonly key: string;
  /** A reliable transport needs no retransmission. */
  readonly reliable: boolean;
  /** Puts the same bytes on the wire, once or again; reports a failure to send by the callback, in a later turn. */
  transmit(onFailure: OnFailure): void;
  /** Nobody wants to hear of a failure any more. */
  settled?(onFailure: OnFailure): void;
}

/** What transactions ask of the table that they stand in. */
interface Table {
  leave(transaction: Transaction): Work | undefined;
  end(transaction: Transaction, outcome: Outcome): void;
}

/** What is to be done for one of them, and of whom. */
interface Work {
  readonly request: ClientRequest;
  readonly onOutcome: (outcome: Outcome) => void;
  /** Transports know it again, by itself. */
  readonly onFailure: OnFailure;
}

/** A class, as there is one for each NOTIFY: its methods must cost nothing. */
class Transaction implements SentRequest {
  /** Gone when it is over, when all that is left of it is its place in a row. */
  work: Work | undefined;
  readonly endsAt: number;
  state: 'trying' | 'proceeding' | 'over' = 'trying';
  /** The interval that timer E is running with. */
  intervalMs = T1_MS;
  /** When timer E fires; infinite on a reliable transport. */
  nextAt: number;
  readonly #table: Table;

  constructor(table: Table, request: ClientRequest, onOutcome: (outcome: Outcome) => void, now: number) {
    this.#table = table;
    this.work = { request, onOutcome, onFailure: (why) => table.end(this, { kind: 'unreachable', why }) };
    this.endsAt = now + TIMER_F_MS;
    this.nextAt = request.reliable ? Number.POSITIVE_INFINITY : now + T1_MS;
  }

  abandon(): void {
    this.#table.leave(this);
  }
}

/** At 2,000 a second a seventh of them is taken. */
const COMPLETED_PLACES = 65_536;

export interface ClientTransactionOptions {
  readonly clock: Clock;
  /** An `onOutcome` has thrown; the transaction is over all the same. */
  readonly onFault: (fault: unknown) => void;
}

export function makeClientTransactions({ clock, onFault }: ClientTransactionOptions): ClientTransactions {
  const open = new SteadyMap<Transaction>();
  const completed = makeRecent({ clock, lifeMs: timerKMs(false), places: COMPLETED_PLACES });
  const deadlines = makeDeadlines<Transaction>(clock, due);
  const unanswered = makeRow<Transaction>({
    clock,
    dueAt: ({ nextAt }) => nextAt,
    hasLeft: ({ state }) => state === 'over',
    onDue: due,
  });

  function due(transaction: Transaction): void {
    const { work } = transaction;
    const now = clock.now();
    if (work === undefined) return;
    if (now >= transaction.endsAt) {
      end(transaction, { kind: 'timeout' });
      return;
    }
    transaction.intervalMs = transaction.state === 'proceeding' ? T2_MS : Math.min(2 * transaction.intervalMs, T2_MS);
    transaction.nextAt = now + transaction.intervalMs;
    arm(transaction);
    work.request.transmit(work.onFailure);
  }

  function arm(transaction: Transaction): void {
    deadlines.set(transaction, Math.min(transaction.nextAt, transaction.endsAt));
  }

  /** @returns what was to be done, once. */
  function leave(transaction: Transaction): Work | undefined {
    const { work } = transaction;
    if (work === undefined) return undefined;
    transaction.work = undefined;
    transaction.state = 'over';
    open.delete(work.request.key);
    deadlines.delete(transaction);
    work.request.settled?.(work.onFailure);
    return work;
  }

  function end(transaction: Transaction, outcome: Outcome): void {
    const work = leave(transaction);
    if (work === undefined) return;
    try {
      work.onOutcome(outcome);
    } catch (fault) {
      onFault(fault);
    }
  }

  const table: Table = { leave, end };
  return {
    begin(request, onOutcome) {
      const transaction = new Transaction(table, request, onOutcome, clock.now());
      open.set(request.key, transaction);
      if (request.reliable) arm(transaction);
      else unanswered.add(transaction);
      if (transaction.work !== undefined) request.transmit(transaction.work.onFailure);
      return transaction;
    },
    receive(key, response) {
      const transaction = open.get(key);
      if (transaction === undefined) return completed.has(key) ? 'absorbed' : 'stray';
      if (response.status < 200) {
        transaction.state = 'proceeding';
        return 'taken';
      }
      if (transaction.work?.request.reliable === false) completed.add(key);
      end(transaction, { kind: 'response', response });
      return 'taken';
    },
    get size() {
      return open.size;
    },
    close() {
      for (const transaction of open.values()) leave(transaction);
      deadlines.close();
      unanswered.close();
      completed.clear();
    },
  };
}
