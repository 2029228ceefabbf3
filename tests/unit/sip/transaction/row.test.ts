import { expect, test } from 'vitest';
import { makeRow } from '../../../../services/sip/transaction/row.ts';
import { makeFakeClock } from '../../../support/fake-clock.ts';
import fc from '../../../support/properties.ts';

function setUp(onDue: (name: string) => void = () => undefined) {
  const clock = makeFakeClock();
  const startAt = clock.now();
  const due: string[] = [];
  const row = makeRow<{ name: string; nextAt: number; state: string }>({
    clock,
    dueAt: ({ nextAt }) => nextAt,
    hasLeft: ({ state }) => state === 'over',
    onDue({ name }) {
      due.push(`${name} ${clock.now() - startAt}`);
      onDue(name);
    },
  });
  const add = (name: string, waitMs = 500) => {
    const waiting = { name, nextAt: clock.now() + waitMs, state: 'trying' };
    row.add(waiting);
    return waiting;
  };
  return { clock, due, row, add };
}

test('RFC 3261 §17.1.2.2: each is called when its time has come, in order, those that are over never', async () => {
  const { clock, due, add } = setUp();
  add('a');
  const over = add('over');
  await clock.advance(100);
  add('b');
  over.state = 'over';
  await clock.advance(399);
  expect(due).toEqual([]);
  await clock.advance(1);
  expect(due).toEqual(['a 500']);
  await clock.advance(100);
  expect(due).toEqual(['a 500', 'b 600']);
  expect(clock.armed).toBe(0);
  add('c');
  await clock.advance(500);
  expect(due).toHaveLength(3);
});

test('a fault of one leaves the others their timer', async () => {
  const { clock, due, add } = setUp((name) => {
    if (name === 'bad') throw new Error('bad');
  });
  add('bad');
  add('good', 501);
  await clock.advance(500).catch(() => undefined);
  await clock.advance(1);
  expect(due).toEqual(['bad 500', 'good 501']);
});

test('many that are over in time leave no timer and no row behind', async () => {
  const { clock, due, add } = setUp();
  for (let index = 0; index < 5_000; index += 1) add(String(index)).state = 'over';
  add('last');
  await clock.advance(500);
  expect(due).toEqual(['last 500']);
  expect(clock.armed).toBe(0);
});

test('the one that has waited longest is taken out first, and is told of no more', async () => {
  const { clock, due, row, add } = setUp();
  add('over').state = 'over';
  add('a');
  add('b');
  expect(row.shift()?.name).toBe('a');
  await clock.advance(500);
  expect(due).toEqual(['b 500']);
  expect(row.shift()).toBeUndefined();
  add('c');
  row.close();
  expect(clock.armed).toBe(0);
});

test('whenever they come: never told early, never more than the allowed time late', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 12 }), async (pauses) => {
      const clock = makeFakeClock();
      let waiting = 0;
      const row = makeRow<number>({
        clock,
        dueAt: (bornAt) => bornAt + 1_000,
        hasLeft: () => false,
        onDue(bornAt) {
          waiting -= 1;
          expect(clock.now() - bornAt).toBeGreaterThanOrEqual(1_000);
          expect(clock.now() - bornAt).toBeLessThanOrEqual(1_250);
        },
        atMostEveryMs: 250,
      });
      for (const pause of pauses) {
        await clock.advance(pause);
        waiting += 1;
        row.add(clock.now());
      }
      await clock.advance(2_000);
      expect(waiting).toBe(0);
    }),
    { numRuns: 25 },
  );
});
