import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeLinger } from '../../../../services/sip/transaction/linger.ts';
import { makeFakeClock } from '../../../support/fake-clock.ts';

test('an entry is kept for its time and then gone, and its going is told once', async () => {
  const clock = makeFakeClock();
  const gone: string[] = [];
  const linger = makeLinger<number>({
    clock,
    lifeMs: 1_000,
    limit: 10,
    onGone: (value, key) => gone.push(`${key}${value}`),
  });
  linger.add('a', 1);
  await clock.advance(999);
  expect(linger.get('a')).toBe(1);
  await clock.advance(1);
  expect(linger.get('a')).toBeUndefined();
  await clock.advance(10_000);
  expect(gone).toEqual(['a1']);
  expect(clock.armed).toBe(0);
});

test('what was taken is gone without being told', async () => {
  const clock = makeFakeClock();
  const gone: string[] = [];
  const linger = makeLinger<number>({ clock, lifeMs: 1_000, limit: 10, onGone: (_, key) => gone.push(key) });
  linger.add('a', 1);
  expect(linger.take('a')).toBe(1);
  expect(linger.take('a')).toBeUndefined();
  await clock.advance(5_000);
  expect(gone).toEqual([]);
});

test('ten thousand entries have one timer', async () => {
  const clock = makeFakeClock();
  const linger = makeLinger<number>({ clock, lifeMs: 1_000, limit: 100_000 });
  for (let index = 0; index < 10_000; index += 1) linger.add(String(index), index);
  expect(clock.armed).toBe(1);
  await clock.advance(1_000);
  expect(linger.size).toBe(0);
});

test('at the limit the oldest go first', () => {
  const linger = makeLinger<number>({ clock: makeFakeClock(), lifeMs: 1_000, limit: 32 });
  for (let index = 0; index < 33; index += 1) linger.add(String(index), index);
  expect(linger.size).toBeLessThanOrEqual(32);
  expect(linger.get('0')).toBeUndefined();
  expect(linger.get('2')).toBe(2);
  expect(linger.get('32')).toBe(32);
});

test('closed, it holds nothing and no timer', () => {
  const clock = makeFakeClock();
  const linger = makeLinger<number>({ clock, lifeMs: 1_000, limit: 10 });
  linger.add('a', 1);
  linger.close();
  expect(linger.size).toBe(0);
  expect(clock.armed).toBe(0);
});

test('whenever entries come and go: never gone early, never kept longer than a quarter second too long', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 12 }), async (pauses) => {
      const clock = makeFakeClock();
      const bornAt = new Map<string, number>();
      const linger = makeLinger<number>({
        clock,
        lifeMs: 1_000,
        limit: 1_000,
        onGone(_, key) {
          const age = clock.now() - (bornAt.get(key) as number);
          expect(age).toBeGreaterThanOrEqual(1_000);
          expect(age).toBeLessThanOrEqual(1_250);
          bornAt.delete(key);
        },
      });
      for (const [index, pause] of pauses.entries()) {
        await clock.advance(pause);
        bornAt.set(String(index), clock.now());
        linger.add(String(index), index);
      }
      await clock.advance(2_000);
      expect(bornAt.size).toBe(0);
    }),
    { numRuns: 25 },
  );
});
