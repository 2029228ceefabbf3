import { describe, expect, it } from 'vitest';
import { makeDeadlines } from '#runtime';
import { makeFakeClock } from '../../support/fake-clock.ts';
import fc from '../../support/properties.ts';

function setUp(onDue: (key: string) => void = () => undefined) {
  const clock = makeFakeClock(1_000_000);
  const heard: string[] = [];
  const deadlines = makeDeadlines<string>(clock, (key) => {
    heard.push(key);
    onDue(key);
  });
  return { clock, heard, deadlines, at: (ms: number) => 1_000_000 + ms };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('deadlines', () => {
  it('call each key once, in order of time, whatever the order they were set in', async () => {
    const { clock, heard, deadlines, at } = setUp();
    deadlines.set('c', at(300));
    deadlines.set('a', at(100));
    deadlines.set('b', at(200));
    await clock.advance(99);
    expect(heard).toEqual([]);
    await clock.advance(101);
    expect(heard).toEqual(['a', 'b']);
    await clock.advance(10_000);
    expect(heard).toEqual(['a', 'b', 'c']);
    expect(deadlines.size).toBe(0);
    expect(clock.armed).toBe(0);
  });

  it('a key that was moved is called at its new time only', async () => {
    const { clock, heard, deadlines, at } = setUp();
    deadlines.set('later', at(100));
    deadlines.set('later', at(500));
    deadlines.set('sooner', at(500));
    deadlines.set('sooner', at(50));
    await clock.advance(499);
    expect(heard).toEqual(['sooner']);
    await clock.advance(1);
    expect(heard).toEqual(['sooner', 'later']);
  });

  it('a key that was deleted is not called, and one that was deleted and set again only once', async () => {
    const { clock, heard, deadlines, at } = setUp();
    deadlines.set('gone', at(100));
    deadlines.delete('gone');
    deadlines.set('back', at(100));
    deadlines.delete('back');
    deadlines.set('back', at(100));
    await clock.advance(1_000);
    expect(heard).toEqual(['back']);
  });

  it('a deadline in the past is due at once, but never inside set', async () => {
    const { clock, heard, deadlines, at } = setUp();
    deadlines.set('old', at(-5));
    expect(heard).toEqual([]);
    await clock.advance(0);
    expect(heard).toEqual(['old']);
  });

  for (const [when, work] of [
    ['at once', (take: () => void) => take()],
    ['in a microtask after it', (take: () => void) => queueMicrotask(take)],
  ] as const)
    it(`few that take long are called in slices, too, also where what takes long is done ${when}`, async () => {
      let now = 1_000;
      let timers: (() => void)[] = [];
      const heard: string[] = [];
      const clock = {
        now: () => now,
        after(_delayMs: number, callback: () => void) {
          timers.push(callback);
          return { cancel: () => undefined };
        },
      };
      const deadlines = makeDeadlines<string>(clock, (key) => {
        heard.push(key);
        work(() => {
          now += 5;
        });
      });
      for (const key of ['a', 'b', 'c', 'd', 'e']) deadlines.set(key, 1_000);
      const called: number[] = [];
      for (let turn = 0; turn < 4; turn += 1) {
        const due = timers;
        timers = [];
        for (const callback of due) callback();
        await settled();
        called.push(heard.length);
      }
      expect(called).toEqual([2, 4, 5, 5]);
    });

  it('a thousand that are due at once are called in slices, in order, with room for others in between', async () => {
    let between = 0;
    const noteBetween = () => {
      between = heard.length;
    };
    const { clock, heard, deadlines, at } = setUp((key) => {
      if (key === 'k0000') clock.after(0, () => noteBetween());
    });
    const keys = Array.from({ length: 1000 }, (_, index) => `k${String(index).padStart(4, '0')}`);
    for (const [index, key] of keys.entries()) deadlines.set(key, at(100 + index / 10_000));
    await clock.advance(101);
    expect(between).toBeGreaterThan(0);
    expect(between).toBeLessThan(1000);
    expect(heard).toEqual(keys);
    expect(deadlines.size).toBe(0);
  });

  it('a fault of one key leaves the others their timer', async () => {
    const { clock, heard, deadlines, at } = setUp((key) => {
      if (key === 'bad') throw new Error('bad');
    });
    deadlines.set('bad', at(100));
    deadlines.set('good', at(100));
    await expect(clock.advance(100)).rejects.toThrow('bad');
    await clock.advance(1);
    expect(heard).toEqual(['bad', 'good']);
  });

  it('closed by one of them, it calls none of the others', async () => {
    const { clock, heard, deadlines, at } = setUp(() => deadlines.close());
    for (const key of ['a', 'b']) deadlines.set(key, at(100));
    await clock.advance(1_000);
    expect(heard).toEqual(['a']);
    expect(clock.armed).toBe(0);
  });

  it('one that is set again and again from inside leaves room for others', async () => {
    let others = 0;
    const clock = makeFakeClock(0);
    const calls: number[] = [];
    const deadlines = makeDeadlines<string>(clock, (key) => {
      calls.push(others);
      if (calls.length < 1_000) deadlines.set(key, 0);
    });
    const other = (): void => {
      others += 1;
      if (others < 50) clock.after(0, other);
    };
    deadlines.set('a', 0);
    other();
    await clock.advance(1);
    expect(calls).toHaveLength(1_000);
    expect(new Set(calls).size).toBeGreaterThanOrEqual(5);
  });

  it('after close nothing is called and nothing is armed, even when something is set', async () => {
    const { clock, heard, deadlines, at } = setUp();
    deadlines.set('a', at(100));
    deadlines.close();
    deadlines.set('b', at(50));
    expect(clock.armed).toBe(0);
    await clock.advance(1_000);
    expect(heard).toEqual([]);
    expect(deadlines.size).toBe(0);
  });

  it('keys may be set from inside a call', async () => {
    let again = 3;
    const clock = makeFakeClock(0);
    const heard: number[] = [];
    const deadlines = makeDeadlines<string>(clock, (key) => {
      heard.push(clock.now());
      again -= 1;
      if (again > 0) deadlines.set(key, clock.now() + 10);
    });
    deadlines.set('a', 10);
    await clock.advance(100);
    expect(heard).toEqual([10, 20, 30]);
  });

  it('property: whatever is set, moved and deleted, exactly what stands is called, in order of time', async () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 30 }).map(String),
      dueAt: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 400 }), async (steps) => {
        const due: number[] = [];
        let now = 0;
        // A clock by hand: one timer is all that is ever armed.
        let armed: { at: number; callback: () => void } | undefined;
        const clock = {
          now: () => now,
          after(delayMs: number, callback: () => void) {
            const mine = { at: now + delayMs, callback };
            armed = mine;
            return {
              cancel: () => {
                if (armed === mine) armed = undefined;
              },
            };
          },
        };
        const heard: string[] = [];
        const deadlines = makeDeadlines<string>(clock, (key) => {
          heard.push(key);
          due.push(expected.get(key) ?? -1);
          expect(expected.get(key)).toBeLessThanOrEqual(now);
        });
        const expected = new Map<string, number>();
        for (const { key, dueAt } of steps) {
          if (dueAt === undefined) {
            deadlines.delete(key);
            expected.delete(key);
          } else {
            deadlines.set(key, dueAt);
            expected.set(key, dueAt);
          }
        }
        expect(deadlines.size).toBe(expected.size);
        while (armed !== undefined) {
          const timer: { at: number; callback: () => void } = armed;
          armed = undefined;
          now = Math.max(now, timer.at);
          timer.callback();
          await settled();
        }
        expect([...heard].sort()).toEqual([...expected.keys()].sort());
        expect(due).toEqual([...due].sort((one, other) => one - other));
      }),
      { numRuns: 200 },
    );
  });
});
