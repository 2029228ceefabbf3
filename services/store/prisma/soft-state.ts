/** How the tables of soft state are read, all alike: in pages, by id, and what a presentity has that has not ended. */
import type { Aor } from '#model';
import { makeOnce } from '#runtime';
import { isId } from '../limits.ts';
import type { Attempt } from './database.ts';
import type { Executor, Row, Statements } from './executor.ts';
import { pages } from './pages.ts';
import { quoted } from './statements.ts';

export interface SoftState<T> {
  /** By id, a page at a time. */
  all(): AsyncGenerator<T[]>;
  find(id: string): Promise<T | undefined>;
  /** @param now epoch ms. */
  of(presentity: Aor, now: number): Promise<T[]>;
}

/**
 * The same text for equal texts: a database hands out each anew, and of a million rows many say the same, or speak of the
 * same people.
 */
export type Once = (text: string) => string;

export const itself: Once = (text) => text;

const MOST_ALIKE = 200_000;

export interface SoftStateTable<T> {
  readonly name: string;
  /** The first is `id`. */
  readonly columns: readonly string[];
  /** Which column those of a presentity are in the order of. */
  readonly orderBy: string;
  readRow(row: Row, once?: Once): T;
}

export function readSoftState<T>(
  executor: Executor,
  attempt: Attempt,
  { name, columns, orderBy, readRow }: SoftStateTable<T>,
): SoftState<T> {
  const select = `SELECT ${quoted(columns)} FROM ${quoted([name])}`;
  const query: Statements['query'] = (sql, values) => attempt(() => executor.query(sql, values));
  const ofPresentity = `${select} WHERE \`presentity\` = ? AND \`expiresAt\` > ? ORDER BY ${quoted([orderBy])}, \`id\``;
  return {
    async *all() {
      const once = makeOnce(MOST_ALIKE);
      for await (const page of pages({ query }, select)) yield page.map((row) => readRow(row, once));
    },
    async find(id) {
      if (!isId(id)) return undefined;
      const [row] = await query(`${select} WHERE \`id\` = ?`, [id]);
      return row && readRow(row);
    },
    async of(presentity, now) {
      return (await query(ofPresentity, [presentity, now])).map((row) => readRow(row));
    },
  };
}
