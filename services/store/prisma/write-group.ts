/** One group of writes of one table: all at once where each row stands as expected, row by row where one does not. */
import { DatabaseFault } from '../database-fault.ts';
import type { WriteOutcome } from '../store.ts';
import type { Executor, RowStatement, Statements, Value } from './executor.ts';

export interface RowByRowNeeds<Write> {
  readonly executor: Executor;
  readonly guard: WriteGuard;
  /** It changes the row only where it stands as expected. */
  statementOf(write: Write): readonly [statement: Pick<RowStatement, 'sql'>, values: readonly Value[]];
  /** Locks the rows, and tells per row whether it stands as expected; absent where nothing is expected of them. */
  decide?(executor: Executor, statements: Statements, writes: readonly Write[]): Promise<readonly WriteOutcome[]>;
}

export interface WriteGroupNeeds<Write> extends RowByRowNeeds<Write> {
  /** Few different ones, or nothing is gained. */
  statementOf(write: Write): readonly [statement: RowStatement, values: readonly Value[]];
}

/** Under which role this process writes. */
export interface WriteGuard {
  /** Undefined until somebody said so: anybody may write. */
  onlyWhile: { readonly sql: string; readonly values: readonly Value[] } | undefined;
}

/** @throws DatabaseFault, and then nothing was written. */
export async function commitGroup<Write>(
  needs: WriteGroupNeeds<Write>,
  writes: readonly Write[],
): Promise<readonly WriteOutcome[]> {
  const { executor, guard, statementOf } = needs;
  const rowsOf = new Map<RowStatement, (readonly Value[])[]>();
  for (const write of writes) {
    const [statement, values] = statementOf(write);
    const rows = rowsOf.get(statement);
    if (rows === undefined) rowsOf.set(statement, [values]);
    else rows.push(values);
  }
  const work = Array.from(rowsOf, ([statement, rows]) => ({ statement, rows }));
  if ((await executor.writeAll(work, guard.onlyWhile)) === 'written') return writes.map(() => 'written');
  return executor.transaction((statements) => writeRowByRow(needs, statements, writes));
}

/** Each decided under its lock. */
export async function writeRowByRow<Write>(
  { executor, guard, statementOf, decide }: RowByRowNeeds<Write>,
  statements: Statements,
  writes: readonly Write[],
): Promise<readonly WriteOutcome[]> {
  const { onlyWhile } = guard;
  if (onlyWhile !== undefined && (await statements.query(onlyWhile.sql, onlyWhile.values)).length === 0) {
    throw new DatabaseFault('not-ours', 'another process holds the lease');
  }
  const outcomes: readonly WriteOutcome[] =
    decide === undefined ? writes.map(() => 'written') : await decide(executor, statements, writes);
  for (const [index, write] of writes.entries()) {
    if (outcomes[index] !== 'written') continue;
    const [{ sql }, values] = statementOf(write);
    await statements.execute(sql, values);
  }
  return outcomes;
}
