import { describe, expect, it } from 'vitest';
import { makeMany } from '../../../services/notify/many.ts';
import fc from '../../support/properties.ts';

describe('an index to one or many', () => {
  it('whatever is added and removed: it holds what a map of sets would', () => {
    const things = Array.from({ length: 4 }, (_, number) => ({ number }));
    const step = fc.tuple(fc.boolean(), fc.constantFrom('a', 'b'), fc.constantFrom(...things));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const many = makeMany<{ number: number }>();
        const expected = new Map([
          ['a', new Set<{ number: number }>()],
          ['b', new Set<{ number: number }>()],
        ]);
        for (const [adds, key, one] of steps) {
          if (adds) {
            many.add(key, one);
            expected.get(key)?.add(one);
          } else {
            many.remove(key, one);
            expected.get(key)?.delete(one);
          }
        }
        for (const [key, set] of expected) {
          expect(new Set(many.of(key))).toEqual(set);
          expect(many.count(key)).toBe(set.size);
        }
      }),
    );
  });

  it('one that is removed while it is walked through is passed over', () => {
    const many = makeMany<{ name: string }>();
    const [one, two] = [{ name: 'one' }, { name: 'two' }];
    many.add('k', one);
    many.add('k', two);
    const seen: string[] = [];
    for (const { name } of many.of('k')) {
      seen.push(name);
      many.remove('k', two);
    }
    expect(seen).toEqual(['one']);
  });
});
