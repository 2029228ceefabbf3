/**
 * Groups of writes on MySQL and MariaDB, by the driver under Prisma's adapter and over the adapter's own pool. A statement
 * with all its rows is one packet (COM_STMT_BULK_EXECUTE, MariaDB; MySQL is sent the rows one behind the other), prepared
 * once per connection whatever the number of rows.
 */
import type { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { DatabaseFault } from '../database-fault.ts';
import { atCommit, type EachRow, type Row, type WriteAll } from './executor.ts';
import { readFault } from './faults.ts';

type Pool = ReturnType<Awaited<ReturnType<PrismaMariaDb['connect']>>['underlyingDriver']>;
type Connection = Awaited<ReturnType<Pool['getConnection']>>;

/**
 * Not BEGIN: a deadlock rolls back by itself, and what had been sent behind it would then be committed statement by statement. So
 * it only begins another transaction, which is rolled back too.
 */
const BEGIN = 'SET autocommit=0';
/** The connection is anybody's again. */
const END = 'SET autocommit=1';

export function makeMysqlGroups(pool: Pool): WriteAll {
  return async function writeAll(work, onlyWhile) {
    const connection = await pool.getConnection().catch(rethrow);
    try {
      const alone = asOneStatement(work, onlyWhile);
      if (alone !== undefined) return await writeOne(connection, alone);
      // Sent without waiting for each other's answers; only COMMIT waits for them all.
      const begun = connection.query(BEGIN);
      const mine = onlyWhile && connection.execute({ sql: onlyWhile.sql, rowsAsArray: true }, [...onlyWhile.values]);
      const results = await Promise.allSettled([begun, mine, ...work.map((each) => runEach(connection, each))]);
      const verdict = judge(results);
      if (verdict !== 'written') {
        // A rollback that fails has lost its connection, which is a rollback too.
        await connection
          .query('ROLLBACK')
          .then(() => connection.query(END))
          .catch(() => undefined);
        if (verdict === 'not-all') return verdict;
        throw verdict;
      }
      await Promise.all([connection.query('COMMIT'), connection.query(END)]).catch((error) => {
        throw atCommit(readFault(error));
      });
      return 'written';
    } finally {
      void connection.release();
    }
  };
}

interface OneStatement {
  readonly sql: string;
  readonly values: Row;
}

/**
 * A change of one row that looks for itself whose the role is, with the same lock: it needs no transaction around it, and is
 * committed with its answer, which saves a round trip where little is going on. Undefined for everything else.
 */
function asOneStatement(
  [first, ...others]: Parameters<WriteAll>[0],
  onlyWhile: Parameters<WriteAll>[1],
): OneStatement | undefined {
  const row = first?.rows[0];
  if (row === undefined || others.length > 0 || first?.rows.length !== 1 || first.sql.startsWith('INSERT')) return;
  if (onlyWhile === undefined) return { sql: first.sql, values: row };
  return { sql: `${first.sql} AND EXISTS (${onlyWhile.sql})`, values: [...row, ...onlyWhile.values] };
}

/** Nobody can know what came of it when the connection is lost before the answer, as at COMMIT. */
async function writeOne(connection: Connection, { sql, values }: OneStatement): Promise<'written' | 'not-all'> {
  try {
    const { affectedRows } = await connection.execute<{ readonly affectedRows: number }>(sql, [...values]);
    return affectedRows === 1 ? 'written' : 'not-all';
  } catch (error) {
    const fault = readFault(error);
    if (fault instanceof DatabaseFault && isOfARow(fault)) return 'not-all';
    throw atCommit(fault);
  }
}

/** @returns whether each row was changed. */
async function runEach(connection: Connection, { sql, rows }: EachRow): Promise<boolean> {
  const { affectedRows } = await connection.batch<{ readonly affectedRows: number }>(
    { sql, fullResult: false } as { readonly sql: string },
    rows,
  );
  return affectedRows === rows.length;
}

/** What came of it before COMMIT: the worst of it. */
function judge([begun, mine, ...changed]: readonly PromiseSettledResult<unknown>[]): 'written' | 'not-all' | unknown {
  const faults = [begun, mine, ...changed].flatMap((result) =>
    result?.status === 'rejected' ? [readFault(result.reason)] : [],
  );
  const grave = faults.find((fault) => !(fault instanceof DatabaseFault && isOfARow(fault)));
  if (grave !== undefined) return grave;
  if (mine?.status === 'fulfilled' && Array.isArray(mine.value) && mine.value.length === 0) {
    return new DatabaseFault('not-ours', 'another process holds the lease');
  }
  if (faults.length > 0) return 'not-all';
  return changed.every((result) => result.status === 'fulfilled' && result.value === true) ? 'written' : 'not-all';
}

function isOfARow({ kind }: DatabaseFault): boolean {
  return kind === 'taken' || kind === 'bad-row';
}

function rethrow(error: unknown): never {
  throw readFault(error);
}
