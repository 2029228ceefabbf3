import { expect, test } from 'vitest';
import { makeOnce } from '#runtime';

test('says the same text, however many different ones come', () => {
  const once = makeOnce(2);
  const kept = (texts: readonly string[]): string[] => texts.map((text) => once(text));
  expect(kept(['a', 'b', 'a'])).toEqual(['a', 'b', 'a']);
  for (let index = 0; index < 1_000; index += 1) expect(once(`udp:192.0.2.1:${index}`)).toBe(`udp:192.0.2.1:${index}`);
});
