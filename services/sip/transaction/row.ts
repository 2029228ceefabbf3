import type { Clock, Timer } from '#runtime';

/**
 * Those that wait for the same span from when they came: timer E when it runs for the first time, timer J, and what ends a wait
 * without an answer. They stand in a row, as they came, and one timer looks at its front; who has left is passed by, so that
 * waiting costs a place in an array and leaving costs nothing.
 */
export interface Row<T> {
  /** `dueAt` must not be before that of one who came earlier. */
  add(waiting: T): void;
  /** Takes out the one that has waited longest. */
  shift(): T | undefined;
  close(): void;
}

export interface RowOptions<T> {
  readonly clock: Clock;
  /** Epoch ms. */
  readonly dueAt: (waiting: T) => number;
  /** Whether it waits no longer, and is not to be told of. */
  readonly hasLeft: (waiting: T) => boolean;
  readonly onDue: (waiting: T) => void;
  /** The timer does not fire more often than this, so that one may be told so much late. */
  readonly atMostEveryMs?: number;
}

/** Empty places at the front before the row is moved up. */
const SLACK = 1024;

export function makeRow<T>({ clock, dueAt, hasLeft, onDue, atMostEveryMs = 0 }: RowOptions<T>): Row<T> {
  /** Nobody is held where `front` has been. */
  let row: (T | undefined)[] = [];
  let front = 0;
  let timer: Timer | undefined;

  /** Who stands at the front now; those who have left before it are gone. */
  function first(): T | undefined {
    for (; front < row.length; pass()) {
      const waiting = row[front];
      if (waiting !== undefined && !hasLeft(waiting)) break;
    }
    if (front >= row.length) {
      row = [];
      front = 0;
    } else if (front > SLACK && front > row.length >> 1) {
      row = row.slice(front);
      front = 0;
    }
    return row[front];
  }

  function pass(): void {
    row[front] = undefined;
    front += 1;
  }

  function fire(): void {
    timer = undefined;
    const now = clock.now();
    try {
      for (let waiting = first(); waiting !== undefined && dueAt(waiting) <= now; waiting = first()) {
        pass();
        onDue(waiting);
      }
    } finally {
      const next = first();
      if (next !== undefined) timer = clock.after(Math.max(dueAt(next) - now, atMostEveryMs), fire);
    }
  }

  return {
    add(waiting) {
      // Without it, those who have left would stand there until the timer fires.
      first();
      row.push(waiting);
      timer ??= clock.after(Math.max(0, dueAt(waiting) - clock.now()), fire);
    },
    shift() {
      const waiting = first();
      if (waiting !== undefined) pass();
      return waiting;
    },
    close() {
      timer?.cancel();
      timer = undefined;
      row = [];
      front = 0;
    },
  };
}
