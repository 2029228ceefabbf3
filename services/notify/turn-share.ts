import type { Live } from './live.ts';

/**
 * How much is sent between two looks at what has arrived. Node reads 32 datagrams at a time from a socket: whoever sends more
 * than that at a time leaves answers unread, and sends again what was answered. When much is to be told at once (a thousand
 * watchers of one presentity, an office whose publications end in the same second), the rest waits in order of arrival.
 */
export interface TurnShare {
  /** Calls `draw` now or in its turn. @param isReady what had to be written before it is written: it goes before the others. */
  take(live: Live, isReady?: boolean): void;
  /** One that does not wait was drawn: it counts all the same. */
  spend(): void;
  /** Something has to be read, or written, before one can leave: while there are too many of those, no others are begun. */
  began(): void;
  ended(): void;
}

/** Less than Node reads in a turn. */
export const A_TURN = 24;
/** Of the readings and writes that the store lets wait for each other, this leaves most to requests. */
const MOST_UNDER_WAY = 2000;

export function makeTurnShare(draw: (live: Live) => void, soon: (work: () => void) => void): TurnShare {
  const ready = makeLine();
  const others = makeLine();
  let spent = 0;
  let underWay = 0;
  let armed = false;

  function next(): Live | undefined {
    return ready.next() ?? (underWay < MOST_UNDER_WAY ? others.next() : undefined);
  }

  function isWaiting(): boolean {
    return ready.size > 0 || (others.size > 0 && underWay < MOST_UNDER_WAY);
  }

  function arm(): void {
    if (armed) return;
    armed = true;
    soon(turn);
  }

  function turn(): void {
    armed = false;
    spent = 0;
    while (spent < A_TURN) {
      const live = next();
      if (live === undefined) break;
      spend();
      draw(live);
    }
    if (isWaiting()) arm();
  }

  function spend(): void {
    spent += 1;
    arm();
  }

  return {
    take(live, isReady = false) {
      const line = isReady ? ready : others;
      if (spent < A_TURN && line.size === 0 && (isReady || underWay < MOST_UNDER_WAY)) {
        spend();
        draw(live);
        return;
      }
      line.add(live);
      if (isWaiting()) arm();
    },
    spend,
    began() {
      underWay += 1;
    },
    ended() {
      underWay -= 1;
      if (isWaiting()) arm();
    },
  };
}

/** In order of arrival, each once. */
function makeLine() {
  const waiting = new Set<Live>();
  let places = waiting.values();
  return {
    add: (live: Live): void => void waiting.add(live),
    next(): Live | undefined {
      if (waiting.size === 0) return undefined;
      let { value: live } = places.next();
      if (live === undefined) {
        // An iterator that has come to the end stays there.
        places = waiting.values();
        live = places.next().value;
      }
      if (live !== undefined) waiting.delete(live);
      return live;
    },
    get size(): number {
      return waiting.size;
    },
  };
}
