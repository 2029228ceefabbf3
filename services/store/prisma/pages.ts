/** Whole tables, a page at a time: the next one is read while the caller works on the one before. */
import { nextTurn } from '#runtime';
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
  const read = (after: Value): Promise<readonly Row[]> =>
    queries.query(`${select} WHERE ${key} > ? ORDER BY ${key} LIMIT ${PAGE}`, [after]);
  for (let reading = read(first); ; ) {
    const page = await reading;
    const isLast = page.length < PAGE;
    if (!isLast) {
      reading = read(page.at(-1)?.[0] as Value);
      // Whoever does not take the next page does not hear of its fault.
      reading.catch(() => undefined);
    }
    if (page.length > 0) yield page;
    if (isLast) return;
    // SQLite answers before anything else is heard: a large table would be one long silence.
    await new Promise<void>(nextTurn);
  }
}
