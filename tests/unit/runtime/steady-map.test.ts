import { describe, expect, it } from 'vitest';
import { SteadyMap } from '#runtime';
import fc from '../../support/properties.ts';

describe('a map for what comes and goes', () => {
  it('is what a map would be, whatever comes and goes in whichever order', () => {
    const step = fc.record({
      what: fc.constantFrom('set', 'set', 'delete', 'get'),
      key: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 4_000 })).map((n) => `key ${n} é`),
      value: fc.integer(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6_000, size: 'max' }), (steps) => {
        const [map, model] = [new SteadyMap<number>(), new Map<string, number>()];
        for (const { what, key, value } of steps) {
          if (what === 'set') {
            map.set(key, value);
            model.set(key, value);
          } else if (what === 'delete') expect(map.delete(key)).toBe(model.delete(key));
          expect([map.get(key), map.has(key), map.size]).toEqual([model.get(key), model.has(key), model.size]);
        }
        expect(map.values().sort()).toEqual([...model.values()].sort());
      }),
      { numRuns: 30 },
    );
  });

  it('grows and becomes empty again', () => {
    const map = new SteadyMap<number>();
    for (let key = 0; key < 10_000; key += 1) map.set(`${key}`, key);
    expect([map.size, map.get('0'), map.get('9999'), map.get('10000')]).toEqual([10_000, 0, 9_999, undefined]);
    for (let key = 0; key < 10_000; key += 1) expect(map.delete(`${key}`)).toBe(true);
    expect([map.size, map.values(), map.has('0'), map.delete('0')]).toEqual([0, [], false, false]);
    map.set('again', 1);
    expect(map.values()).toEqual([1]);
  });
});
