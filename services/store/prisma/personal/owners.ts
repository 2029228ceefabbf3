/** Rows that belong to an account: the account's number is looked up for many at once. */
import type { Aor } from '#model';
import { couldBeAor } from '../../limits.ts';
import { readIds } from '../account-import.ts';
import type { Executor, Statements, Value } from '../executor.ts';
import { inBatches, padded, upsertSql } from '../statements.ts';

export const OWNED = '`loginId` = (SELECT `id` FROM `Login` WHERE `aor` = ?)';

/** The rows with their owner's number first; those of unknown accounts are left out. */
export async function withOwners<Row extends { readonly owner: Aor }>(
  statements: Statements,
  rows: readonly Row[],
): Promise<readonly (readonly [number, Row])[]> {
  const owners = [...new Set(rows.map(({ owner }) => owner))].filter(couldBeAor);
  const ids = new Map<Aor, number>();
  for (const batch of inBatches(owners)) {
    for (const [aor, id] of await readIds(statements, padded(batch))) ids.set(aor, id);
  }
  return rows.flatMap((row): (readonly [number, Row])[] => {
    const id = ids.get(row.owner);
    return id === undefined ? [] : [[id, row]];
  });
}

/**
 * Adds rows of accounts, or sets them where one of the same key stands.
 * @param valuesOf the columns after `loginId`; rows must differ in their key.
 */
export async function upsertOwned<Row extends { readonly owner: Aor }>(
  executor: Executor,
  into: { readonly table: string; readonly columns: readonly string[]; readonly key: readonly string[] },
  rows: readonly Row[],
  valuesOf: (row: Row) => readonly Value[],
): Promise<void> {
  if (rows.length === 0) return;
  await executor.transaction(async (statements) => {
    for (const batch of inBatches(await withOwners(statements, rows))) {
      const filled = padded(batch);
      const sql = upsertSql(executor.dialect, into.table, ['loginId', ...into.columns], filled.length, into.key);
      await statements.execute(
        sql,
        filled.flatMap(([id, row]) => [id, ...valuesOf(row)]),
      );
    }
  });
}

/** Deletes what one account has in a table. @returns how many rows. */
export function forget(executor: Executor, table: string, owner: Aor): Promise<number> {
  if (!couldBeAor(owner)) return Promise.resolve(0);
  return executor.transaction((statements) => statements.execute(`DELETE FROM \`${table}\` WHERE ${OWNED}`, [owner]));
}

/** Deletes what is older than `before`. @returns how many rows. */
export function purge(executor: Executor, table: string, column: string, before: number): Promise<number> {
  return executor.transaction((statements) =>
    statements.execute(`DELETE FROM \`${table}\` WHERE \`${column}\` < ?`, [before]),
  );
}
