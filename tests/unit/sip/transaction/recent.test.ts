import { expect, test } from 'vitest';
import { makeRecent } from '../../../../services/sip/transaction/recent.ts';
import { makeFakeClock } from '../../../support/fake-clock.ts';

test('RFC 3261 §17.1.2.2, timer K: a key is remembered for its time, whatever comes later, and leaves no timer behind', async () => {
  const clock = makeFakeClock();
  const recent = makeRecent({ clock, lifeMs: 1_600, places: 65_536 });
  recent.add('first');
  await clock.advance(100);
  recent.add('second');
  expect(recent.has('third')).toBe(false);
  await clock.advance(1_499);
  expect(recent.has('first')).toBe(true);
  await clock.advance(1);
  expect(recent.has('first')).toBe(false);
  expect(recent.has('second')).toBe(true);
  recent.clear();
  expect(recent.has('second')).toBe(false);
  expect(clock.armed).toBe(0);
});

test('however many are added, those that were added last are known again, and nothing grows', () => {
  const recent = makeRecent({ clock: makeFakeClock(), lifeMs: 5_000, places: 60 });
  const keys = Array.from({ length: 10_000 }, (_, index) => `z9hG4bK${index} 192.0.2.1:5060 NOTIFY`);
  for (const key of keys) recent.add(key);
  expect(recent.has(keys.at(-1) as string)).toBe(true);
  expect(keys.filter((key) => recent.has(key)).length).toBeLessThanOrEqual(64);
});
