import { SteadyMap } from '#runtime';

/** Writes that wait for a batch, in order of arrival; of each key only the first that is not settled yet may go. */
export interface WriteQueue<Item extends Queued> {
  push(item: Item): void;
  /** How many may go now. */
  readonly ready: number;
  /** How many are not settled, those that went included. */
  readonly unsettled: number;
  /** Those that go next: at least one, unless none is ready; more as long as both bounds allow it. */
  take(mostItems: number, mostBytes: number): Item[];
  /** It is answered: the next of its key may go. */
  settle(item: Item): void;
}

export interface Queued {
  readonly key: string;
  readonly bytes: number;
}

/** Emptied places at the front are given back to the array when there are more than so many. */
const MOST_EMPTY = 1024;

export function makeWriteQueue<Item extends Queued>(): WriteQueue<Item> {
  /** Of each key with more than one item: those behind the first, in order. */
  const behind = new Map<string, Item[]>();
  const keys = new SteadyMap<true>();
  let ready: Item[] = [];
  let first = 0;
  let unsettled = 0;

  return {
    push(item) {
      unsettled += 1;
      if (!keys.has(item.key)) {
        keys.set(item.key, true);
        ready.push(item);
        return;
      }
      const others = behind.get(item.key);
      if (others === undefined) behind.set(item.key, [item]);
      else others.push(item);
    },
    get ready() {
      return ready.length - first;
    },
    get unsettled() {
      return unsettled;
    },
    take(mostItems, mostBytes) {
      let bytes = 0;
      let end = first;
      for (; end < ready.length && end - first < mostItems; end += 1) {
        bytes += (ready[end] as Item).bytes;
        if (end > first && bytes > mostBytes) break;
      }
      const taken = ready.slice(first, end);
      first = end;
      if (first === ready.length || first > MOST_EMPTY) {
        ready = ready.slice(first);
        first = 0;
      }
      return taken;
    },
    settle({ key }) {
      unsettled -= 1;
      const others = behind.get(key);
      const next = others?.shift();
      if (next === undefined) keys.delete(key);
      else ready.push(next);
      if (others?.length === 0) behind.delete(key);
    },
  };
}
