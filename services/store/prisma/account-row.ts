/** The row of an account, locked until the transaction ends. */
import type { Aor } from '#model';
import { toNumber } from './decode.ts';
import type { Executor, Statements } from './executor.ts';
import { forUpdate } from './statements.ts';

/** @returns its id; undefined when there is no such account. */
export async function lockAccount(
  { dialect }: Pick<Executor, 'dialect'>,
  statements: Statements,
  aor: Aor,
): Promise<number | undefined> {
  const [row] = await statements.query(`SELECT \`id\` FROM \`Login\` WHERE \`aor\` = ?${forUpdate(dialect)}`, [aor]);
  return row && toNumber(row[0]);
}
