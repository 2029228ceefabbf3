import type { Live } from './live.ts';

/**
 * How much is sent between two looks at what has arrived. Node reads 32 datagrams at a time from a socket: whoever sends more
 * than that at a time leaves answers unread, and sends again what was answered. When much is to be told at once (a thousand
 * watchers of one presentity, an office whose publications end in the same second), the rest waits in order of arrival.
 */
export interface TurnShare {
  /** Calls `draw` now or in its turn. */
  take(live: Live): void;
  /** One that does not wait was drawn: it counts all the same. */
  spend(): void;
  /** Those that are being made ready have reached the database's pace: while there are too many, the others wait. */
  began(): void;
  ended(): void;
}

const A_TURN = 24;
/** Of the writes that the store lets wait for each other, this leaves most to requests. */
const MOST_UNDER_WAY = 2000;

export function makeTurnShare(draw: (live: Live) => void, soon: (work: () => void) => void): TurnShare {
  const waiting = new Set<Live>();
  let next = waiting.values();
  let spent = 0;
  let underWay = 0;
  let armed = false;

  function arm(): void {
    if (armed) return;
    armed = true;
    soon(turn);
  }

  function turn(): void {
    armed = false;
    spent = 0;
    while (spent < A_TURN && underWay < MOST_UNDER_WAY && waiting.size > 0) {
      const { value: live } = next.next();
      if (live === undefined) {
        next = waiting.values();
        continue;
      }
      waiting.delete(live);
      spend();
      draw(live);
    }
    if (waiting.size > 0 && underWay < MOST_UNDER_WAY) arm();
  }

  function spend(): void {
    spent += 1;
    arm();
  }

  return {
    take(live) {
      if (waiting.size > 0 || spent >= A_TURN || underWay >= MOST_UNDER_WAY) {
        waiting.add(live);
        if (underWay < MOST_UNDER_WAY) arm();
        return;
      }
      spend();
      draw(live);
    },
    spend,
    began() {
      underWay += 1;
    },
    ended() {
      underWay -= 1;
      if (waiting.size > 0) arm();
    },
  };
}
