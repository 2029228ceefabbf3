/** Which counts of one nonce were used (RFC 7616 §3.4 `nc`): the highest, and 64 up to it, for requests that overtake another. */
export interface NonceCounts {
  /** Takes a count once: false when it was taken before, or is too far behind to tell. */
  take(nc: number): boolean;
  /** From now on nothing is taken. */
  close(): void;
}

const WINDOW = 64;

export function makeNonceCounts(): NonceCounts {
  let highest = -1;
  /** Bit i stands for highest - i, i < 32, and then in `older` for i - 32. */
  let recent = 0;
  let older = 0;
  return {
    take(nc) {
      if (nc > highest) {
        const shift = nc - highest;
        older =
          shift >= WINDOW ? 0 : shift >= 32 ? recent << (shift - 32) : (older << shift) | (recent >>> (32 - shift));
        recent = shift >= 32 ? 1 : (recent << shift) | 1;
        highest = nc;
        return true;
      }
      const behind = highest - nc;
      if (behind >= WINDOW) return false;
      const bit = 1 << (behind % 32);
      if (((behind < 32 ? recent : older) & bit) !== 0) return false;
      if (behind < 32) recent |= bit;
      else older |= bit;
      return true;
    },
    close() {
      highest = Number.POSITIVE_INFINITY;
    },
  };
}
