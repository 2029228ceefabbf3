import type { Clock, Timer } from './clock.ts';
import { WideMap } from './wide-map.ts';

/**
 * Many keys, each with the moment it is due, and one timer: expiry of publications, subscriptions, transactions. A heap with
 * lazy deletion: a stale entry is dropped when it surfaces. A deadline that moves to a later time, as nearly all do, costs
 * next to nothing: its entry stays where it is, and goes to its new place when it surfaces.
 */
export interface Deadlines<K> {
  /** Sets or moves the key's deadline. */
  set(key: K, dueAt: number): void;
  delete(key: K): void;
  readonly size: number;
  /** Stops the timer; nothing is called any more. */
  close(): void;
}

interface Entry<K> {
  readonly key: K;
  dueAt: number;
  /** Its place in the heap: never later than `dueAt`. */
  placedAt: number;
}

/**
 * Many that are due at once (all phones of an office subscribed in the same minute) are called in slices, between which
 * what has arrived is heard: of so many, or of so long, since one of them may mean much (a presentity with a thousand watchers).
 * What it means is done in microtasks after it as a rule, and counts.
 */
const SLICE = 200;
const SLICE_MS = 8;

/** @param onDue called once for each key whose time has come, in order of time; the key is gone by then. */
export function makeDeadlines<K>(clock: Clock, onDue: (key: K) => void): Deadlines<K> {
  const due = new WideMap<K, Entry<K>>();
  let heap: Entry<K>[] = [];
  let timer: Timer | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let closed = false;

  function arm(): void {
    const first = heap[0];
    if (first === undefined || first.placedAt >= timerAt) return;
    timer?.cancel();
    timerAt = first.placedAt;
    timer = clock.after(Math.max(0, first.placedAt - clock.now()), fire);
  }

  function fire(): void {
    timer = undefined;
    timerAt = Number.POSITIVE_INFINITY;
    callNext(clock.now(), 1);
  }

  /** @param count how many it is in its slice. */
  function callNext(begunAt: number, count: number): void {
    const entry = takeDue(begunAt);
    if (entry === undefined) {
      arm();
      return;
    }
    try {
      onDue(entry.key);
    } finally {
      // A fault of one key goes to whoever catches what timers, or microtasks, throw; the other keys are called all the same.
      queueMicrotask(() => {
        if (count < SLICE && clock.now() - begunAt < SLICE_MS) callNext(begunAt, count + 1);
        else arm();
      });
    }
  }

  function takeDue(now: number): Entry<K> | undefined {
    for (let first = heap[0]; first !== undefined && first.placedAt <= now; first = heap[0]) {
      pop();
      if (due.get(first.key) !== first) continue;
      if (first.dueAt > first.placedAt) {
        push(first);
        continue;
      }
      due.delete(first.key);
      return first;
    }
    return undefined;
  }

  function push(entry: Entry<K>): void {
    entry.placedAt = entry.dueAt;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Entry<K>;
      if (above.placedAt <= entry.placedAt) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  function pop(): void {
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && right.placedAt < (heap[child] as Entry<K>).placedAt) child += 1;
      const below = heap[child] as Entry<K>;
      if (below.placedAt >= last.placedAt) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }

  return {
    set(key, dueAt) {
      if (closed) return;
      const known = due.get(key);
      if (known !== undefined && dueAt >= known.placedAt) {
        known.dueAt = dueAt;
        return;
      }
      const entry = { key, dueAt, placedAt: dueAt };
      due.set(key, entry);
      push(entry);
      shrink();
      arm();
    },
    delete(key) {
      if (due.delete(key)) shrink();
    },
    get size() {
      return due.size;
    },
    close() {
      closed = true;
      timer?.cancel();
      timer = undefined;
      due.clear();
      heap = [];
    },
  };

  /** Stale entries outnumber live ones: start over with the live ones, so that memory follows `due`. */
  function shrink(): void {
    if (heap.length <= 64 || heap.length <= 2 * due.size) return;
    heap = [];
    for (const entry of due.values()) push(entry);
  }
}
