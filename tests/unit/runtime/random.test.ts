import { describe, expect, it } from 'vitest';
import { makeRandom } from '#runtime';

describe('random', () => {
  it('RFC 3261 §25.1: tokens have the length asked for and only characters that are legal in tags and branches', () => {
    const random = makeRandom();
    for (const length of [0, 1, 16, 22, 5_000]) expect(random.token(length)).toMatch(new RegExp(`^[\\w-]{${length}}$`));
  });

  it('tokens do not repeat', () => {
    const random = makeRandom();
    const seen = new Set(Array.from({ length: 20_000 }, () => random.token(16)));
    expect(seen.size).toBe(20_000);
  });

  it('no byte of the pool is given out twice', () => {
    let drawn = 0;
    const random = makeRandom((length) => Uint8Array.from({ length }, () => drawn++ % 251));
    const first = random.bytes(4_000);
    const second = random.bytes(4_000);
    expect([...first.slice(-1), ...second.slice(0, 1)]).toEqual([3_999 % 251, 4_096 % 251]);
  });

  it('nor is a character of a token', () => {
    let drawn = 0;
    const random = makeRandom((length) => Uint8Array.from({ length }, () => drawn++ % 251));
    let all = '';
    while (all.length < 20_000) all += random.token(16);
    const bytes = Uint8Array.from({ length: 15_000 }, (_, index) => index % 251);
    expect(all.slice(0, 20_000)).toBe(Buffer.from(bytes).toString('base64url').slice(0, 20_000));
  });

  it('bytes are a copy: who writes into them changes nothing that comes later', () => {
    const random = makeRandom((length) => Buffer.alloc(length, 7));
    const bytes = random.bytes(8);
    expect(bytes.buffer.byteLength).toBe(8);
    expect(Buffer.isBuffer(bytes)).toBe(false);
  });

  it('fractions are spread over [0, 1)', () => {
    const random = makeRandom();
    const buckets = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 20_000; draw += 1) {
      const fraction = random.fraction();
      expect(fraction >= 0 && fraction < 1).toBe(true);
      const bucket = Math.floor(fraction * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    // Ten standard deviations around 2,000.
    for (const count of buckets) expect(Math.abs(count - 2_000)).toBeLessThan(430);
  });

  it('the largest draw is still below 1', () => {
    expect(makeRandom((length) => new Uint8Array(length).fill(255)).fraction()).toBeLessThan(1);
  });
});
