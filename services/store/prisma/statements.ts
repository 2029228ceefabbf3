/**
 * Pieces of statements with many rows. A statement's text is prepared once and kept, so texts must be few: lists are
 * filled up to one of a few sizes by repeating the last value, which changes no result; rows to insert, which cannot be
 * repeated, are cut into pieces of those sizes.
 */
import type { DialectName, RowStatement, Value } from './executor.ts';

const SIZES = [1, 2, 4, 8, 16, 32, 64, 128] as const;
const LARGEST = 128;

/** The list, filled up to the next size. */
export function padded<T>(list: readonly T[]): readonly T[] {
  const size = sizeFor(list.length);
  const last = list.at(-1);
  if (last === undefined || size === list.length) return list;
  return [...list, ...Array.from({ length: size - list.length }, () => last)];
}

/** What a list of so many is filled up to. */
function sizeFor(count: number): number {
  return SIZES.find((size) => size >= count) ?? count;
}

/** The list in pieces of at most 128. */
export function inBatches<T>(list: readonly T[], size: number = LARGEST): readonly (readonly T[])[] {
  const batches: T[][] = [];
  for (let start = 0; start < list.length; start += size) batches.push(list.slice(start, start + size));
  return batches;
}

/** The list in pieces of exactly the sizes above, largest first. */
export function inPieces<T>(list: readonly T[]): readonly (readonly T[])[] {
  const pieces: (readonly T[])[] = [];
  let start = 0;
  while (start < list.length) {
    const size = SIZES.findLast((candidate) => candidate <= list.length - start) ?? 1;
    pieces.push(list.slice(start, start + size));
    start += size;
  }
  return pieces;
}

/** `?, ?, ?` */
export function marks(count: number): string {
  return `?${', ?'.repeat(count - 1)}`;
}

/** `(?, ?), (?, ?)` */
export function rowMarks(rows: number, columns: number): string {
  const row = `(${marks(columns)})`;
  return `${row}${`, ${row}`.repeat(rows - 1)}`;
}

export function insertSql(table: string, columns: readonly string[], rows: number): string {
  return `INSERT INTO \`${table}\` (${quoted(columns)}) VALUES ${rowMarks(rows, columns.length)}`;
}

/** Inserts a row. Values: those of the columns. */
export function inserting(table: string, columns: readonly string[]): RowStatement {
  const sql = insertSql(table, columns, 1);
  return { sql, together: { sql: () => sql, counted: 1 } };
}

/** Deletes a row that stands; with `expected`, only while that column is as the last value says. Values: the id, and that. */
export function deleting(table: string, expected?: string): RowStatement {
  const sql = (id: string, rest: string) => `DELETE FROM \`${table}\` WHERE \`id\` ${id}${rest}`;
  return {
    sql: sql('= ?', expected === undefined ? '' : ` AND \`${expected}\` = ?`),
    together: {
      sql(count) {
        const size = sizeFor(count);
        // By the ids alone the rows are found.
        const pairs = expected === undefined ? '' : ` AND (\`id\`, \`${expected}\`) IN (${rowMarks(size, 2)})`;
        return sql(`IN (${marks(size)})`, pairs);
      },
      counted: 1,
      listed(rows) {
        const all = padded(rows);
        const ids = all.map(([id]) => id as Value);
        return expected === undefined ? ids : [...ids, ...all.flat()];
      },
    },
  };
}

export interface Changing {
  readonly table: string;
  /** All that the table has. The first is `id`. */
  readonly columns: readonly string[];
  readonly set: readonly string[];
  /**
   * A column among `set` that must be as expected, or the row stays as it is; and one that is not among them, in which the statement
   * of many rows brings what is expected.
   */
  readonly expected?: { readonly column: string; readonly broughtIn: string };
}

/**
 * Changes a row that stands. Values: those to set, the id, and what is expected.
 *
 * Of many rows together it is an INSERT that only ever meets rows that stand (one that was inserted counts one, and all is rolled
 * back): the table is opened once for all of them, where an UPDATE opens it for each.
 */
export function changing({ table, columns, set, expected }: Changing): RowStatement {
  const given = [...set, 'id', ...(expected === undefined ? [] : [expected.broughtIn])];
  const others = columns.filter((column) => !given.includes(column));
  const values = [...given.map(() => '?'), ...others.map(() => '0')];
  const asExpected = expected && `\`${expected.column}\` = VALUES(\`${expected.broughtIn}\`)`;
  // From left to right: what the others ask for is set last.
  const inOrder = [...set].sort((one, other) => Number(one === expected?.column) - Number(other === expected?.column));
  const changes = inOrder.map((column) => {
    const value = `VALUES(\`${column}\`)`;
    return `\`${column}\` = ${asExpected === undefined ? value : `IF(${asExpected}, ${value}, \`${column}\`)`}`;
  });
  const together =
    `INSERT INTO \`${table}\` (${quoted([...given, ...others])}) VALUES (${values.join(', ')})` +
    ` ON DUPLICATE KEY UPDATE ${changes.join(', ')}`;
  return {
    sql:
      `UPDATE \`${table}\` SET ${set.map((column) => `\`${column}\` = ?`).join(', ')} WHERE \`id\` = ?` +
      (expected === undefined ? '' : ` AND \`${expected.column}\` = ?`),
    together: { sql: () => together, counted: 2 },
  };
}

/** Inserts, or sets the columns after the key where a row of that key stands. */
export function upsertSql(
  dialect: DialectName,
  table: string,
  columns: readonly string[],
  rows: number,
  key: readonly string[],
): string {
  const rest = columns.filter((column) => !key.includes(column));
  const set =
    dialect === 'mysql'
      ? `ON DUPLICATE KEY UPDATE ${rest.map((column) => `\`${column}\` = VALUES(\`${column}\`)`).join(', ')}`
      : `ON CONFLICT (${quoted(key)}) DO UPDATE SET ${rest.map((column) => `\`${column}\` = excluded.\`${column}\``).join(', ')}`;
  return `${insertSql(table, columns, rows)} ${set}`;
}

/** Ends a SELECT whose rows are to be changed; a transaction of SQLite holds the only write lock from its beginning. */
export function forUpdate(dialect: DialectName): string {
  return dialect === 'mysql' ? ' FOR UPDATE' : '';
}

/** Ends a SELECT whose rows must stay as they are until the end of the transaction. */
export function inShareMode(dialect: DialectName): string {
  return dialect === 'mysql' ? ' LOCK IN SHARE MODE' : '';
}

export function quoted(columns: readonly string[]): string {
  return columns.map((column) => `\`${column}\``).join(', ');
}
