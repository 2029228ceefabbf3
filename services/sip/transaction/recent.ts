import { type Clock, hashOf } from '#runtime';

/**
 * Keys that are remembered for a time and hardly ever asked for: what timer K comes down to. Of a key its hash stands in
 * one of so many places, and another one may take the place before its time. So remembering costs no memory, however many
 * come; what is forgotten too early is a retransmission that is dropped as a stray.
 */
export interface Recent {
  add(key: string): void;
  has(key: string): boolean;
  /** Forgets everything. */
  clear(): void;
}

const SEED = 1;

/** @param places how many there are at least. */
export function makeRecent(needs: { readonly clock: Clock; readonly lifeMs: number; readonly places: number }): Recent {
  const { clock, lifeMs } = needs;
  const count = 2 ** Math.ceil(Math.log2(needs.places));
  const hashes = new Uint32Array(count);
  const goneAt = new Float64Array(count);

  return {
    add(key) {
      const hash = hashOf(key, SEED);
      hashes[hash & (count - 1)] = hash;
      goneAt[hash & (count - 1)] = clock.now() + lifeMs;
    },
    has(key) {
      const hash = hashOf(key, SEED);
      return hashes[hash & (count - 1)] === hash && (goneAt[hash & (count - 1)] as number) > clock.now();
    },
    clear: () => void goneAt.fill(0),
  };
}
