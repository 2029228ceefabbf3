import { beforeEach, describe, expect, it } from 'vitest';
import { type Completed, makeCompleted, type SentAnswer } from '../../../../services/sip/transaction/index.ts';
import { type FakeClock, makeFakeClock } from '../../../support/fake-clock.ts';
import fc from '../../../support/properties.ts';

const LIFE_MS = 32_000;
const BLOCK_BYTES = 1024;

let clock: FakeClock;
let completed: Completed;

const make = (given: { limit?: number; byteLimit?: number } = {}): Completed =>
  makeCompleted({ clock, limit: 5_000, byteLimit: 1e6, blockBytes: BLOCK_BYTES, ...given });
const sent = (text: string, peer: Partial<SentAnswer['to']> = {}): SentAnswer => ({
  bytes: Buffer.from(text),
  to: { transport: 'udp', via: 'udp:192.0.2.1:5060', address: '192.0.2.20', port: 5062, ...peer },
});

beforeEach(() => {
  clock = makeFakeClock();
  completed = make();
});

describe('RFC 3261 §17.2.2: what a server transaction keeps until timer J', () => {
  it('is the answer as it went out, and where to', () => {
    const answer = sent('SIP/2.0 200 OK\r\n\r\n', {
      via: 'udp:[2001:db8::1]:5060',
      address: 'fe80::1%eth0',
      port: 65_535,
    });
    completed.add('k', undefined, answer);
    completed.add('other', undefined, sent('another'));
    expect(completed.find('k')).toEqual(answer);
    expect(completed.find('none')).toBeUndefined();
  });

  it('is over after that time and not before, and what came later stays', async () => {
    completed.add('one', 'm1', sent('1'));
    await clock.advance(10_000);
    completed.add('two', 'm2', sent('2'));
    await clock.advance(LIFE_MS - 10_001);
    expect([completed.has('one'), completed.hasMerge('m1')]).toEqual([true, true]);
    await clock.advance(1);
    expect([completed.has('one'), completed.hasMerge('m1')]).toEqual([false, false]);
    expect([completed.has('two'), completed.hasMerge('m2'), completed.size]).toEqual([true, true, 1]);
  });

  it('is a copy: what is sent again does not change when its place is used again', () => {
    completed = make({ limit: 1 });
    completed.add('one', undefined, sent('the first answer'));
    const again = completed.find('one');
    for (let index = 0; index < 100; index += 1) completed.add(`k${index}`, undefined, sent('another of them'));
    expect(Buffer.from(again?.bytes ?? []).toString()).toBe('the first answer');
  });

  it('a key is not a merge key, and none of both is no key', () => {
    completed.add('k', 'm', sent('1'));
    completed.add('in a dialog', undefined, sent('2'));
    expect([completed.has('m'), completed.hasMerge('k'), completed.hasMerge('')]).toEqual([false, false, false]);
  });

  it('keys of any characters are told apart', () => {
    for (const key of ['z9hG4bK-é', 'z9hG4bK-\u{1f4de}', 'z9hG4bK-Ā', 'z9hG4bK-\0']) {
      expect(completed.has(key)).toBe(false);
      completed.add(key, key, sent(key));
      expect([completed.has(key), completed.hasMerge(key)]).toEqual([true, true]);
    }
  });

  it('after it was cleared nothing is left', () => {
    completed.add('k', 'm', sent('1'));
    completed.clear();
    expect([completed.size, completed.held, completed.has('k'), completed.hasMerge('m')]).toEqual([0, 0, false, false]);
    completed.add('k', 'm', sent('2'));
    expect(completed.find('k')).toEqual(sent('2'));
  });
});

describe('however much comes', () => {
  it('above the limit the oldest go, with their merge keys', () => {
    completed = make({ limit: 100 });
    for (let index = 0; index < 1_000; index += 1) completed.add(`k${index}`, `m${index}`, sent(`${index}`));
    expect(completed.size).toBe(100);
    expect([completed.has('k899'), completed.hasMerge('m899')]).toEqual([false, false]);
    expect(completed.find('k900')).toEqual(sent('900'));
  });

  it('above so many bytes too, and an answer that is larger than all of it stands alone', () => {
    completed = make({ byteLimit: 10_000 });
    for (let index = 0; index < 100; index += 1) completed.add(`k${index}`, undefined, sent('x'.repeat(500)));
    expect(completed.size).toBeLessThan(20);
    expect(completed.has('k99')).toBe(true);
    completed.add('large', undefined, sent('y'.repeat(60_000)));
    expect(completed.size).toBe(1);
    expect(completed.find('large')?.bytes.length).toBe(60_000);
    completed.add('small', undefined, sent('z'));
    expect([completed.has('large'), completed.has('small')]).toEqual([false, true]);
  });

  it('blocks serve again: under a steady load no more are held than twice what is kept, and after a storm they go', async () => {
    const kept = BLOCK_BYTES * 40;
    for (let second = 0; second < 200; second += 1) {
      for (let index = 0; index < 5; index += 1) completed.add(`${second} ${index}`, undefined, sent('x'.repeat(200)));
      await clock.advance(1_000);
    }
    expect(completed.size).toBe(31 * 5);
    expect(completed.held).toBeLessThan(2 * kept);
    for (let index = 0; index < 4_000; index += 1) completed.add(`storm ${index}`, `m${index}`, sent('x'.repeat(200)));
    for (let index = 0; index < 4_000; index += 1) {
      expect([completed.has(`storm ${index}`), completed.hasMerge(`m${index}`)]).toEqual([true, true]);
    }
    const most = completed.held;
    await clock.advance(LIFE_MS);
    // All are over, though no more than some of them are cleared away at a time.
    for (const index of [0, 3_999]) {
      expect([completed.has(`storm ${index}`), completed.hasMerge(`m${index}`)]).toEqual([false, false]);
    }
    for (let index = 0; index < 10; index += 1) completed.add(`calm ${index}`, undefined, sent('x'.repeat(200)));
    expect(completed.held).toBeLessThan(most / 50);
  });

  it('and where nobody comes after it, they go by themselves, some at a time, and leave no timer behind', async () => {
    for (let index = 0; index < 4_000; index += 1) completed.add(`storm ${index}`, undefined, sent('x'.repeat(200)));
    const most = completed.held;
    await clock.advance(LIFE_MS);
    expect(completed.held).toBeGreaterThan(most / 2);
    await clock.advance(1_000);
    expect(completed.held).toBeLessThan(most / 50);
    expect(clock.armed).toBe(0);
    completed.add('k', undefined, sent('1'));
    completed.clear();
    expect(clock.armed).toBe(0);
  });

  it('is what a map would keep, whatever comes in whichever order', () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 400 }),
      waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9_000 })),
      length: fc.integer({ min: 0, max: 900 }),
      merges: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3_000, size: 'max' }), (steps) => {
        let now = 0;
        completed = makeCompleted({
          clock: { ...clock, now: () => now },
          limit: 2_000,
          byteLimit: 1e6,
          blockBytes: BLOCK_BYTES,
        });
        const model = new Map<string, { text: string; merges: boolean; until: number }>();
        for (const { key, waitMs, length, merges } of steps) {
          now += waitMs;
          for (const [name, { until }] of model) if (until <= now) model.delete(name);
          const name = `k${key}`;
          const known = model.get(name);
          expect(completed.find(name)).toEqual(known && sent(known.text));
          expect(completed.hasMerge(`m${key}`)).toBe(known?.merges === true);
          expect(completed.size).toBe(model.size);
          if (known !== undefined) continue;
          const text = 'x'.repeat(length);
          completed.add(name, merges ? `m${key}` : undefined, sent(text));
          model.set(name, { text, merges, until: now + LIFE_MS });
        }
      }),
      { numRuns: 8 },
    );
  });
});
