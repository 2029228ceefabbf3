import { LRUCache } from 'lru-cache';
import { type Clock, nextTurn, SteadyMap } from '#runtime';
import { StoreUnavailable } from '../store.ts';

/** A bounded cache in front of a read of many keys: a hit answers at once, misses that come together are read together. */
export interface ReadThrough<K extends string, V extends object> {
  /** Undefined when the store has none. @throws StoreUnavailable when too many keys are being read. */
  get(key: K): V | undefined | Promise<V | undefined>;
  /** What is at hand; reads nothing. */
  known(key: K): V | undefined;
  /** What is known of the key is old, and so is what a read under way will bring. */
  drop(key: K): void;
  dropAll(): void;
  /** How many keys are kept, those known to be absent included. */
  readonly size: number;
}

export interface ReadThroughOptions<K, V> {
  readonly clock: Clock;
  /** One read for many; a key without value is absent from the answer. */
  readonly read: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>;
  readonly maxEntries: number;
  readonly maxBatch: number;
  /** How long, and for how many keys, it is remembered that there is none; kept apart, so that strangers push nobody out. */
  readonly absentForMs: number;
  readonly maxAbsent: number;
  /** Keys that may wait for a read at a time. */
  readonly maxPending: number;
}

interface Pending<V> {
  readonly promise: Promise<V | undefined>;
  readonly resolve: (value: V | undefined) => void;
  readonly reject: (fault: unknown) => void;
  /** A Change came while it was being read: what the read brings may be from before it. */
  outdated: boolean;
  rereads: number;
}

/** A key whose facts change faster than they can be read this many times in a row is given up for the moment. */
const MOST_REREADS = 5;

/** The database works at two reads while this process does something else; a read of few keys costs nearly what one of many does. */
const MOST_READS = 2;
const ENOUGH = 8;

export function makeReadThrough<K extends string, V extends object>(
  options: ReadThroughOptions<K, V>,
): ReadThrough<K, V> {
  const { clock, read, maxBatch, absentForMs, maxPending } = options;
  const present = new LRUCache<K, V>({ max: options.maxEntries });
  const absentUntil = new LRUCache<K, number>({ max: options.maxAbsent });
  const pending = new SteadyMap<Pending<V>>();
  let queue: K[] = [];
  let reads = 0;
  let soon = false;

  function miss(key: K): undefined | Promise<V | undefined> {
    const until = absentUntil.get(key);
    if (until !== undefined && until > clock.now()) return undefined;
    const already = pending.get(key);
    if (already !== undefined) return already.promise;
    if (pending.size >= maxPending) throw new StoreUnavailable('too many reads are waiting');
    const mine = makePending<V>();
    pending.set(key, mine);
    enqueue(key);
    return mine.promise;
  }

  /** Those of a turn of the event loop go together when it ends, or when they are enough; at most so many reads at a time. */
  function enqueue(key: K): void {
    queue.push(key);
    if (mayRead(ENOUGH)) void readNext();
    else if (!soon) {
      soon = true;
      nextTurn(() => {
        soon = false;
        if (mayRead(1)) void readNext();
      });
    }
  }

  function mayRead(enough: number): boolean {
    return queue.length >= (reads === 0 ? enough : ENOUGH) && reads < MOST_READS;
  }

  async function readNext(): Promise<void> {
    reads += 1;
    const keys = queue.slice(0, maxBatch);
    queue = queue.slice(maxBatch);
    // A Change seen until now was committed before this read begins, so the read shows it.
    for (const key of keys) (pending.get(key) as Pending<V>).outdated = false;
    try {
      const found = await read(keys);
      for (const key of keys) settle(key, found.get(key));
    } catch (fault) {
      for (const key of keys) end(key)?.reject(fault);
    }
    reads -= 1;
    if (mayRead(1)) void readNext();
  }

  function settle(key: K, value: V | undefined): void {
    const waiting = pending.get(key) as Pending<V>;
    if (waiting.outdated) {
      // Neither kept nor answered: who asked would decide by a rule that is gone, after the review of its change is over.
      waiting.rereads += 1;
      if (waiting.rereads <= MOST_REREADS) queue.push(key);
      else end(key)?.reject(new StoreUnavailable('it changes faster than it can be read'));
      return;
    }
    if (value === undefined) absentUntil.set(key, clock.now() + absentForMs);
    else present.set(key, value);
    end(key)?.resolve(value);
  }

  function end(key: K): Pending<V> | undefined {
    const waiting = pending.get(key);
    pending.delete(key);
    return waiting;
  }

  return {
    get: (key) => present.get(key) ?? miss(key),
    known: (key) => present.get(key),
    drop(key) {
      present.delete(key);
      absentUntil.delete(key);
      const waiting = pending.get(key);
      if (waiting !== undefined) waiting.outdated = true;
    },
    dropAll() {
      present.clear();
      absentUntil.clear();
      for (const waiting of pending.values()) waiting.outdated = true;
    },
    get size() {
      return present.size + absentUntil.size;
    },
  };
}

function makePending<V>(): Pending<V> {
  let resolve: (value: V | undefined) => void = () => undefined;
  let reject: (fault: unknown) => void = () => undefined;
  const promise = new Promise<V | undefined>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject, outdated: false, rereads: 0 };
}
