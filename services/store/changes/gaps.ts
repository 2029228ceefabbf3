/**
 * Ids of the journal that were taken but are not visible: their transaction is open, or was rolled back. Which of the two
 * it is shows only with time, so they are read again until they appear or no transaction can be that old.
 */
export interface Gaps {
  /**
   * Remembers the ids strictly between the two.
   * @returns false when they were too many; then none is remembered any more, and only *everything* is safe.
   */
  remember(below: number, above: number, seenAt: number): boolean;
  forget(id: number): void;
  clear(): void;
  /** Ids still missing, oldest gap first, in lists of at most `size`. */
  pages(size: number): readonly (readonly number[])[];
  /** Drops those that were first seen at `seenAt` or before. */
  expire(seenAt: number): void;
  readonly size: number;
}

export function makeGaps(max: number): Gaps {
  /** Missing id → when it was first missed; in order of that time. */
  const missing = new Map<number, number>();
  return {
    remember(below, above, seenAt) {
      if (missing.size + (above - below - 1) > max) {
        missing.clear();
        return false;
      }
      for (let id = below + 1; id < above; id += 1) missing.set(id, seenAt);
      return true;
    },
    forget: (id) => void missing.delete(id),
    clear: () => missing.clear(),
    pages(size) {
      const ids = [...missing.keys()];
      const pages: number[][] = [];
      for (let start = 0; start < ids.length; start += size) pages.push(ids.slice(start, start + size));
      return pages;
    },
    expire(seenAt) {
      for (const [id, since] of missing) {
        if (since > seenAt) return;
        missing.delete(id);
      }
    },
    get size() {
      return missing.size;
    },
  };
}
