import type { Clock, Timer } from './clock.ts';

/**
 * Many keys, each with the moment it is due, and one timer: expiry of publications, subscriptions, nonces. A heap with
 * lazy deletion: moving a deadline costs O(log n), and a stale entry is dropped when it surfaces.
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
  readonly dueAt: number;
}

/** @param onDue called once for each key whose time has come, in order of time; the key is gone by then. */
export function makeDeadlines<K>(clock: Clock, onDue: (key: K) => void): Deadlines<K> {
  const due = new Map<K, number>();
  let heap: Entry<K>[] = [];
  let timer: Timer | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let closed = false;

  function arm(): void {
    const first = heap[0];
    if (first === undefined || first.dueAt >= timerAt) return;
    timer?.cancel();
    timerAt = first.dueAt;
    timer = clock.after(Math.max(0, first.dueAt - clock.now()), fire);
  }

  function fire(): void {
    timer = undefined;
    timerAt = Number.POSITIVE_INFINITY;
    const now = clock.now();
    try {
      for (let first = heap[0]; first !== undefined && first.dueAt <= now; first = heap[0]) {
        pop();
        if (due.get(first.key) !== first.dueAt) continue;
        due.delete(first.key);
        onDue(first.key);
      }
    } finally {
      // A fault of one key goes to whoever catches what timers throw; the other keys are not left without a timer.
      arm();
    }
  }

  function push(entry: Entry<K>): void {
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Entry<K>;
      if (above.dueAt <= entry.dueAt) break;
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
      if (right !== undefined && right.dueAt < (heap[child] as Entry<K>).dueAt) child += 1;
      const below = heap[child] as Entry<K>;
      if (below.dueAt >= last.dueAt) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }

  return {
    set(key, dueAt) {
      if (closed || due.get(key) === dueAt) return;
      due.set(key, dueAt);
      push({ key, dueAt });
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
    for (const [key, dueAt] of due) push({ key, dueAt });
  }
}
