import { randomBytes } from 'node:crypto';

/** Unguessable text, drawn from one pool at a time because a call per token shows in profiles. */
export interface Random {
  /** `length` characters of [A-Za-z0-9_-], 6 bits each: legal in tags, branches and etags. */
  token(length: number): string;
  /** An evenly spread number in [0, 1). */
  fraction(): number;
  bytes(length: number): Uint8Array;
}

/** Characters at a time. */
const DRAWN = 4096;

export function makeRandom(fill: (length: number) => Uint8Array = randomBytes): Random {
  let pool: Uint8Array = new Uint8Array(0);
  let position = 0;
  let characters = Buffer.alloc(0);
  let at = 0;
  function take(length: number): number {
    if (position + length > pool.length) {
      pool = fill(Math.max(4096, length));
      position = 0;
    }
    const start = position;
    position += length;
    return start;
  }
  return {
    token(length) {
      if (at + length > characters.length) {
        characters = Buffer.from(Buffer.from(fill(3 * Math.ceil(Math.max(DRAWN, length) / 4))).toString('base64url'));
        at = 0;
      }
      at += length;
      // By itself: what is cut out of a longer text keeps all of it.
      return characters.toString('latin1', at - length, at);
    },
    fraction() {
      const start = take(4);
      return new DataView(pool.buffer, pool.byteOffset + start, 4).getUint32(0) / 2 ** 32;
    },
    bytes(length) {
      const start = take(length);
      // A copy: a Buffer's own slice would be a window onto the pool.
      return new Uint8Array(pool.subarray(start, start + length));
    },
  };
}
