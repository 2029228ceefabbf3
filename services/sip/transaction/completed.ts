import { randomInt } from 'node:crypto';
import { type Clock, hashOf, type Timer } from '#runtime';
import type { Flow } from '../message.ts';
import { timerJMs } from './timers.ts';

/** An answer as it went out. */
export interface SentAnswer {
  readonly bytes: Uint8Array;
  readonly to: Flow;
}

/**
 * What server transactions over datagrams leave behind in Completed (RFC 3261 §17.2.2): their keys and answers, until timer J. All
 * stay equally long and hardly any is asked for, so they stand one behind another in blocks of bytes, which serve again when
 * those in them are over: at a thousand answers a second they are tens of thousands, and the garbage collector has nothing to do with them.
 * Whoever is added or looked for makes room of what is over; where nobody comes, a timer does.
 */
export interface Completed {
  /** @param answer what went to a peer by UDP. */
  add(key: string, mergeKey: string | undefined, answer: SentAnswer): void;
  /** By transaction key; a copy. */
  find(key: string): SentAnswer | undefined;
  has(key: string): boolean;
  /** Whether there is one with this merge key (§8.2.2.2). */
  hasMerge(mergeKey: string): boolean;
  /** How many are not over. */
  readonly size: number;
  /** Bytes of all blocks. */
  readonly held: number;
  clear(): void;
}

export interface CompletedOptions {
  readonly clock: Clock;
  /** Above so many the oldest go before their time. */
  readonly limit: number;
  /** The same for their bytes. */
  readonly byteLimit?: number;
  readonly blockBytes?: number;
}

const BLOCK_BYTES = 256 * 1024;
/** One has 600 bytes as a rule. */
const MOST_BYTES = 96 * 1024 * 1024;
const LIFE_MS = timerJMs(false);
/** No more are cleared away at a time, so that nobody waits for what a storm has left. */
const DROPS = 1000;
const SWEEP_EVERY_MS = 250;

/**
 * What is kept of one, by the numbers of its place: where its parts begin and end in the block, which are
 * `key`, `merge key`, `port address listening-point` and `answer`; and its neighbours in both indexes.
 */
const BEGIN = 0;
const KEY_END = 1;
const MERGE_KEY_END = 2;
const PEER_END = 3;
const ANSWER_END = 4;
const KEY = { from: BEGIN, to: KEY_END, hash: 5, next: 6 };
const MERGE_KEY = { from: KEY_END, to: MERGE_KEY_END, hash: 7, next: 8 };
const NUMBERS = 9;

interface Block {
  readonly bytes: Buffer;
  used: number;
  /** How many of those in it are not over. */
  alive: number;
}

/** By the end of a hash the youngest that has it; each leads to the next older. There is no place 0. */
interface Index {
  readonly of: typeof KEY;
  readonly heads: Uint32Array;
}

export function makeCompleted(options: CompletedOptions): Completed {
  const { clock, limit, byteLimit = MOST_BYTES, blockBytes = BLOCK_BYTES } = options;
  /** Unknown to senders, who choose the keys: or they could choose thousands that stand in one chain. */
  const seed = randomInt(2 ** 32);
  /** A power of two. What is not used yet takes no memory of the machine. */
  const places = 2 ** Math.ceil(Math.log2(limit));
  const byKey: Index = { of: KEY, heads: new Uint32Array(places) };
  const byMergeKey: Index = { of: MERGE_KEY, heads: new Uint32Array(places) };
  const indexes = [byKey, byMergeKey];
  const numbers = new Uint32Array((places + 1) * NUMBERS);
  const goneAt = new Float64Array(places + 1);
  let blockAt: (Block | undefined)[] = [];
  let oldest = 1;
  let size = 0;
  let bytes = 0;
  /** The last is being filled. */
  let blocks: Block[] = [];
  let spare: Block[] = [];
  let timer: Timer | undefined;

  const number = (place: number, which: number): number => numbers[place * NUMBERS + which] as number;
  const put = (place: number, which: number, value: number): void => {
    numbers[place * NUMBERS + which] = value;
  };
  /** The place so many behind that of the oldest. */
  const behind = (count: number): number => ((oldest - 1 + count) % places) + 1;

  function link({ of, heads }: Index, place: number): void {
    if (number(place, of.from) === number(place, of.to)) return;
    const head = number(place, of.hash) & (places - 1);
    put(place, of.next, heads[head] as number);
    heads[head] = place;
  }

  /** Of the oldest, which is the last of those that its head leads to. */
  function unlink({ of, heads }: Index, place: number): void {
    const head = number(place, of.hash) & (places - 1);
    if (heads[head] === place) heads[head] = 0;
    for (let at = heads[head] as number; at !== 0; at = number(at, of.next)) {
      if (number(at, of.next) === place) put(at, of.next, 0);
    }
  }

  /** @returns 0 when there is none that is not over. */
  function placeOf({ of, heads }: Index, text: string): number {
    const hash = hashOf(text, seed);
    for (let at = heads[hash & (places - 1)] as number; at !== 0; at = number(at, of.next)) {
      if (number(at, of.hash) === hash && isThere(at, of, text) && !isOver(at, clock.now())) return at;
    }
    return 0;
  }

  const isOver = (place: number, now: number): boolean => (goneAt[place] as number) <= now;

  /** Of wide characters the lower half alone stands there; their hash is that of the whole. */
  function isThere(place: number, { from, to }: typeof KEY, text: string): boolean {
    const { bytes: there } = blockAt[place] as Block;
    const begin = number(place, from);
    if (number(place, to) - begin !== text.length) return false;
    for (let index = 0; index < text.length; index += 1) {
      if (there[begin + index] !== (text.charCodeAt(index) & 0xff)) return false;
    }
    return true;
  }

  function sweep(): void {
    timer = undefined;
    dropDue();
    if (size > 0) timer = clock.after(Math.max(SWEEP_EVERY_MS, (goneAt[oldest] as number) - clock.now()), sweep);
  }

  function dropDue(most = DROPS): void {
    const now = clock.now();
    for (let count = 0; count < most && size > 0 && isOver(oldest, now); count += 1) dropOldest();
  }

  function dropOldest(): void {
    for (const index of indexes) unlink(index, oldest);
    bytes -= number(oldest, ANSWER_END) - number(oldest, BEGIN);
    const block = blockAt[oldest] as Block;
    blockAt[oldest] = undefined;
    oldest = behind(1);
    size -= 1;
    block.alive -= 1;
    // Those of the oldest block are the oldest, so it is the first that is empty.
    if (block.alive === 0 && block !== blocks.at(-1)) giveBack(blocks.shift() as Block);
  }

  /** As many are kept as are in use, so that a storm does not keep its memory for ever. */
  function giveBack(block: Block): void {
    block.used = 0;
    if (block.bytes.length === blockBytes) spare.push(block);
    while (spare.length > blocks.length + 1) spare.pop();
  }

  function roomFor(length: number): Block {
    const last = blocks.at(-1);
    if (last !== undefined && last.bytes.length - last.used >= length) return last;
    if (last?.alive === 0) giveBack(blocks.pop() as Block);
    const found = length <= blockBytes ? spare.pop() : undefined;
    const block = found ?? { bytes: Buffer.allocUnsafeSlow(Math.max(length, blockBytes)), used: 0, alive: 0 };
    blocks.push(block);
    return block;
  }

  return {
    add(key, mergeKey = '', { bytes: answer, to }) {
      dropDue();
      const peer = `${to.port} ${to.address} ${to.via}`;
      const head = key + mergeKey + peer;
      const length = head.length + answer.length;
      while (size > 0 && (size >= limit || bytes + length > byteLimit)) dropOldest();
      const block = roomFor(length);
      const begin = block.used;
      block.bytes.write(head, begin, 'latin1');
      block.bytes.set(answer, begin + head.length);
      block.used += length;
      block.alive += 1;
      const place = behind(size);
      size += 1;
      bytes += length;
      put(place, BEGIN, begin);
      put(place, KEY_END, begin + key.length);
      put(place, MERGE_KEY_END, begin + key.length + mergeKey.length);
      put(place, PEER_END, begin + head.length);
      put(place, ANSWER_END, begin + length);
      put(place, KEY.hash, hashOf(key, seed));
      put(place, MERGE_KEY.hash, hashOf(mergeKey, seed));
      goneAt[place] = clock.now() + LIFE_MS;
      blockAt[place] = block;
      for (const index of indexes) link(index, place);
      timer ??= clock.after(LIFE_MS, sweep);
    },
    find(key) {
      dropDue();
      const place = placeOf(byKey, key);
      if (place === 0) return undefined;
      const { bytes: there } = blockAt[place] as Block;
      const peer = there.toString('latin1', number(place, MERGE_KEY_END), number(place, PEER_END));
      const [port = '', address = '', via = ''] = peer.split(' ');
      return {
        bytes: Buffer.from(there.subarray(number(place, PEER_END), number(place, ANSWER_END))),
        to: { transport: 'udp', via, address, port: Number(port) },
      };
    },
    has: (key) => placeOf(byKey, key) !== 0,
    hasMerge: (mergeKey) => placeOf(byMergeKey, mergeKey) !== 0,
    get size() {
      dropDue(Number.POSITIVE_INFINITY);
      return size;
    },
    get held() {
      return [...blocks, ...spare].reduce((sum, block) => sum + block.bytes.length, 0);
    },
    clear() {
      timer?.cancel();
      timer = undefined;
      [size, bytes, oldest, blockAt, blocks, spare] = [0, 0, 1, [], [], []];
      for (const { heads } of indexes) heads.fill(0);
    },
  };
}
