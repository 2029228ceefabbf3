import { randomInt } from 'node:crypto';
import { hashOf } from './hash-of.ts';

/**
 * A map of texts for what comes and goes all the time. V8's Map writes itself anew whenever as many came as it has places
 * for, and the tables that it leaves behind hold what was in them; those that have been moved to the old heap hold it until
 * that is marked, so that what is long over is moved there as well. Here a place serves again. What was made for a storm
 * goes when the map is empty.
 */
export class SteadyMap<V> {
  #hashes = new Uint32Array(LEAST);
  #keys = free<string>(LEAST);
  #values = free<V>(LEAST);
  #size = 0;

  get(key: string): V | undefined {
    return this.#values[this.#placeOf(key, hashOf(key, SEED))];
  }

  has(key: string): boolean {
    return this.#keys[this.#placeOf(key, hashOf(key, SEED))] !== undefined;
  }

  set(key: string, value: V): void {
    const hash = hashOf(key, SEED);
    let place = this.#placeOf(key, hash);
    if (this.#keys[place] === undefined) {
      this.#size += 1;
      if (2 * this.#size > this.#keys.length) {
        this.#resize(2 * this.#keys.length);
        place = this.#placeOf(key, hash);
      }
    }
    this.#put(place, hash, key, value);
  }

  delete(key: string): boolean {
    let hole = this.#placeOf(key, hashOf(key, SEED));
    if (this.#keys[hole] === undefined) return false;
    const last = this.#keys.length - 1;
    // Whoever stands behind because the place was taken moves up.
    for (let at = (hole + 1) & last; this.#keys[at] !== undefined; at = (at + 1) & last) {
      const home = (this.#hashes[at] as number) & last;
      if (((at - home) & last) < ((at - hole) & last)) continue;
      this.#put(hole, this.#hashes[at] as number, this.#keys[at] as string, this.#values[at] as V);
      hole = at;
    }
    this.#keys[hole] = undefined;
    this.#values[hole] = undefined;
    this.#size -= 1;
    if (this.#size === 0 && last >= LEAST) this.#resize(LEAST);
    return true;
  }

  /** As they are now. */
  values(): V[] {
    return this.#values.filter((value) => value !== undefined);
  }

  get size(): number {
    return this.#size;
  }

  /** Where it stands, or would stand. */
  #placeOf(key: string, hash: number): number {
    const last = this.#keys.length - 1;
    let place = hash & last;
    while (this.#keys[place] !== undefined && (this.#hashes[place] !== hash || this.#keys[place] !== key)) {
      place = (place + 1) & last;
    }
    return place;
  }

  #put(place: number, hash: number, key: string, value: V): void {
    this.#hashes[place] = hash;
    this.#keys[place] = key;
    this.#values[place] = value;
  }

  #resize(length: number): void {
    const [hashes, keys, values] = [this.#hashes, this.#keys, this.#values];
    this.#hashes = new Uint32Array(length);
    this.#keys = free<string>(length);
    this.#values = free<V>(length);
    keys.forEach((key, place) => {
      if (key === undefined) return;
      const hash = hashes[place] as number;
      this.#put(this.#placeOf(key, hash), hash, key, values[place] as V);
    });
  }
}

function free<T>(places: number): (T | undefined)[] {
  return new Array<T | undefined>(places).fill(undefined);
}

/** Senders choose some of the keys, and must not be able to choose many that are sought one behind the other. */
const SEED = randomInt(2 ** 32);
/** Places, a power of two. */
const LEAST = 1024;
