/**
 * A map that may hold a million: V8 moves all of a Map when it has grown out of its table, which takes a tenth of a second
 * for a million. Here that is done for a small part of them at a time, where keys are texts. In no order.
 */
export class WideMap<K, V> {
  readonly #parts: readonly Map<K, V>[] = Array.from({ length: PARTS }, () => new Map<K, V>());
  #size = 0;

  get(key: K): V | undefined {
    return this.#partOf(key).get(key);
  }

  has(key: K): boolean {
    return this.#partOf(key).has(key);
  }

  set(key: K, value: V): void {
    const part = this.#partOf(key);
    const before = part.size;
    part.set(key, value);
    this.#size += part.size - before;
  }

  delete(key: K): boolean {
    const gone = this.#partOf(key).delete(key);
    if (gone) this.#size -= 1;
    return gone;
  }

  clear(): void {
    for (const part of this.#parts) part.clear();
    this.#size = 0;
  }

  *values(): IterableIterator<V> {
    for (const part of this.#parts) yield* part.values();
  }

  get size(): number {
    return this.#size;
  }

  #partOf(key: K): Map<K, V> {
    if (typeof key !== 'string') return this.#parts[0] as Map<K, V>;
    let hash = key.length;
    for (let index = 0; index < key.length; index += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) | 0;
    // The low bits alone would be those of the last characters.
    return this.#parts[(hash ^ (hash >>> 15)) & (PARTS - 1)] as Map<K, V>;
  }
}

/** A power of two. */
const PARTS = 64;
