import { describe, expect, test } from 'vitest';
import { pages } from '../../../services/store/prisma/pages.ts';

const PAGE = 500;
const rows = (count: number) => Array.from({ length: count }, (_, index) => [`r${index}`] as const);

describe('a table in pages', () => {
  test('the next page is being read while the one before is worked on', async () => {
    const asked: unknown[] = [];
    const query = async (_sql: string, values: readonly unknown[]) => {
      asked.push(...values);
      return rows(asked.length === 1 ? PAGE : 1);
    };
    const askedAt: number[] = [];
    let seen = 0;
    for await (const page of pages({ query }, 'SELECT `id` FROM `T`')) {
      askedAt.push(asked.length);
      seen += page.length;
    }
    expect(asked).toEqual(['', `r${PAGE - 1}`]);
    expect(askedAt).toEqual([2, 2]);
    expect(seen).toBe(PAGE + 1);
  });

  test('an empty table has no page, and a full last page is followed by none', async () => {
    for (const sizes of [[0], [PAGE, 0], [PAGE, PAGE, 1]]) {
      const left = [...sizes];
      const seen: number[] = [];
      for await (const page of pages({ query: async () => rows(left.shift() ?? 0) }, 'SELECT')) seen.push(page.length);
      expect(seen).toEqual(sizes.filter((size) => size > 0));
    }
  });

  test('a fault reaches who asks for that page, and nobody else', async () => {
    const query = async (_sql: string, [after]: readonly unknown[]) => {
      if (after !== '') throw new Error('away');
      return rows(PAGE);
    };
    for await (const page of pages({ query }, 'SELECT')) {
      expect(page).toHaveLength(PAGE);
      break;
    }
    const all = async () => {
      for await (const page of pages({ query }, 'SELECT')) expect(page).toHaveLength(PAGE);
    };
    await expect(all()).rejects.toThrow('away');
  });
});
