const WINDOW = 64;

/**
 * Which counts of one nonce were used (RFC 7616 §3.4 `nc`): the highest, and 64 up to it, for requests that overtake another. A
 * class, because there is one for each phone: its methods must cost no memory.
 */
export class NonceCounts {
  #highest = -1;
  /** Bit i stands for highest - i, i < 32, and then in `older` for i - 32. */
  #recent = 0;
  #older = 0;

  /** Takes a count once: false when it was taken before, or is too far behind to tell. */
  take(nc: number): boolean {
    if (nc > this.#highest) {
      const shift = nc - this.#highest;
      const recent = this.#recent;
      this.#older =
        shift >= WINDOW ? 0 : shift >= 32 ? recent << (shift - 32) : (this.#older << shift) | (recent >>> (32 - shift));
      this.#recent = shift >= 32 ? 1 : (recent << shift) | 1;
      this.#highest = nc;
      return true;
    }
    const behind = this.#highest - nc;
    if (behind >= WINDOW) return false;
    const bit = 1 << (behind % 32);
    if (((behind < 32 ? this.#recent : this.#older) & bit) !== 0) return false;
    if (behind < 32) this.#recent |= bit;
    else this.#older |= bit;
    return true;
  }

  /** From now on nothing is taken. */
  close(): void {
    this.#highest = Number.POSITIVE_INFINITY;
  }
}
