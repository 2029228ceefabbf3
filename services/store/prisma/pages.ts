/** Whole tables, a page at a time. */
import type { Row, Statements, Value } from './executor.ts';

export type Queries = Pick<Statements, 'query'>;

const PAGE = 500;

/** In order of the key. @param select whose first column is the key, without WHERE. @param first is below every key. */
export async function* pages(
  queries: Queries,
  select: string,
  key = '`id`',
  first: number | '' = '',
): AsyncGenerator<readonly Row[]> {
  for (let after: Value = first; ; ) {
    const page: readonly Row[] = await queries.query(`${select} WHERE ${key} > ? ORDER BY ${key} LIMIT ${PAGE}`, [
      after,
    ]);
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.[0] as Value;
  }
}
