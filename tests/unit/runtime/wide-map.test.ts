import { describe, expect, it } from 'vitest';
import { makeOnce, WideMap } from '#runtime';

describe('a map that may hold a million', () => {
  it('is a map: what was set last is found, what was deleted is gone, each is counted once', () => {
    const map = new WideMap<string, number>();
    const names = Array.from({ length: 5_000 }, (_, n) => `sip:u${n}@example.com`);
    for (const [n, name] of names.entries()) map.set(name, n);
    map.set('sip:u7@example.com', -7);
    expect([map.size, map.get('sip:u7@example.com'), map.get('sip:u4999@example.com')]).toEqual([5_000, -7, 4_999]);
    expect([map.has('sip:u1@example.com'), map.has('sip:nobody@example.com')]).toEqual([true, false]);
    expect([map.delete('sip:u1@example.com'), map.delete('sip:u1@example.com')]).toEqual([true, false]);
    expect([map.size, map.get('sip:u1@example.com')]).toEqual([4_999, undefined]);
    expect([...map.values()].sort((one, other) => one - other).slice(0, 4)).toEqual([-7, 0, 2, 3]);
    map.clear();
    expect([map.size, [...map.values()]]).toEqual([0, []]);
  });

  it('takes keys that are no texts, too', () => {
    const map = new WideMap<object, string>();
    const [one, other] = [{}, {}];
    map.set(one, 'one');
    map.set(other, 'other');
    expect([map.get(one), map.get(other), map.get({})]).toEqual(['one', 'other', undefined]);
  });
});

describe('a text that many say', () => {
  it('is equal to what was given, also when there are too many different ones to be kept', () => {
    const once = makeOnce(2);
    expect(['a', 'b', 'c', 'a', 'c'].map(once)).toEqual(['a', 'b', 'c', 'a', 'c']);
  });
});
