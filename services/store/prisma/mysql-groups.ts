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
type Work = Parameters<WriteAll>[0];
type OnlyWhile = Parameters<WriteAll>[1];
type Outcome = Awaited<ReturnType<WriteAll>>;

/**
 * Not BEGIN: a deadlock rolls back by itself, and what had been sent behind it would then be committed statement by statement. So
 * it only begins another transaction, which is rolled back too.
 */
const BEGIN = 'SET autocommit = 0, @changed = 0';
/** The connection is anybody's again. */
const END = 'SET autocommit = 1';
/** Between two statements of a group. */
const COUNT = 'SET @changed = @changed + ROW_COUNT()';
/** What SIGNAL without more says. */
const SIGNALLED = 1644;

/** Whether the server can be left to decide between COMMIT and ROLLBACK, which saves asking it first. */
export type Decides = (connection: Connection) => boolean;

export function makeMysqlGroups(pool: Pool, decides: Decides = preparesCompound): WriteAll {
  return async function writeAll(work, onlyWhile) {
    const connection = await pool.getConnection().catch(rethrow);
    try {
      const alone = asOneStatement(work, onlyWhile);
      if (alone !== undefined) return await writeOne(connection, alone);
      return decides(connection)
        ? await writeInOneTrip(connection, work, onlyWhile)
        : await writeInTwoTrips(connection, work, onlyWhile);
    } finally {
      void connection.release();
    }
  };
}

/** MariaDB has compound statements outside of stored programs, and prepares them since 10.6.2; MySQL has none. */
const preparesCompound: Decides = ({ info }) => info?.isMariaDB() === true && info.hasMinVersion(10, 6, 2);

interface OneStatement {
  readonly sql: string;
  readonly values: Row;
}

/**
 * A change of one row that looks for itself whose the role is, with the same lock: it needs no transaction around it, and is
 * committed with its answer, which saves a round trip where little is going on. Undefined for everything else.
 */
function asOneStatement([first, ...others]: Work, onlyWhile: OnlyWhile): OneStatement | undefined {
  const row = first?.rows[0];
  if (row === undefined || others.length > 0 || first?.rows.length !== 1) return;
  const { sql } = first.statement;
  if (sql.startsWith('INSERT')) return;
  if (onlyWhile === undefined) return { sql, values: row };
  return { sql: `${sql} AND EXISTS (${onlyWhile.sql})`, values: [...row, ...onlyWhile.values] };
}

/** Nobody can know what came of it when the connection is lost before the answer, as at COMMIT. */
async function writeOne(connection: Connection, { sql, values }: OneStatement): Promise<Outcome> {
  try {
    const { affectedRows } = await connection.execute<Counted>(sql, [...values]);
    return affectedRows === 1 ? 'written' : 'not-all';
  } catch (error) {
    const fault = readFault(error);
    if (fault instanceof DatabaseFault && isOfARow(fault)) return 'not-all';
    throw atCommit(fault);
  }
}

/**
 * All at once, with a last statement that commits where each row was changed and this process may write, and else rolls back and
 * says so: the database need not wait until this process, which reads other requests meanwhile, comes round to its answers.
 */
async function writeInOneTrip(connection: Connection, work: Work, onlyWhile: OnlyWhile): Promise<Outcome> {
  // What has to be prepared first would go behind the decision, find itself rolled back, and the group be written row by row.
  for (const each of work) (await connection.prepare(textOf(each)).catch(rethrow)).close();
  const sent: Promise<unknown>[] = [connection.query(BEGIN)];
  for (const [index, each] of work.entries()) {
    if (index > 0) sent.push(connection.query(COUNT));
    sent.push(changeRows(connection, each));
  }
  const all = work.reduce((sum, each) => sum + countOf(each), 0);
  const decision = connection.execute(decisionOf(onlyWhile), [all, ...(onlyWhile?.values ?? [])]);
  const [decided, ...results] = await Promise.allSettled([decision, ...sent]);
  if (decided.status === 'fulfilled') return 'written';

  const fault = readFault(decided.reason);
  if (fault instanceof DatabaseFault && fault.kind === 'unreachable') throw atCommit(fault);
  await rollBack(connection);
  if (!isSignal(decided.reason)) throw fault;
  // Where no row is to blame, row by row it is found out whose the role is.
  const grave = faultsOf(results).find((each) => !isOfARow(each));
  if (grave !== undefined) throw grave;
  return 'not-all';
}

function decisionOf(onlyWhile: OnlyWhile): string {
  const mine = onlyWhile === undefined ? '' : ` AND EXISTS (${onlyWhile.sql})`;
  return (
    `IF @changed + ROW_COUNT() = ?${mine} THEN COMMIT; SET autocommit = 1;` +
    " ELSE ROLLBACK; SIGNAL SQLSTATE '45000'; END IF"
  );
}

function isSignal(reason: unknown): boolean {
  return reason instanceof Error && 'errno' in reason && reason.errno === SIGNALLED;
}

/** Sent without waiting for each other's answers; only COMMIT waits for them all. */
async function writeInTwoTrips(connection: Connection, work: Work, onlyWhile: OnlyWhile): Promise<Outcome> {
  const begun = connection.query(BEGIN);
  const mine = onlyWhile && connection.execute({ sql: onlyWhile.sql, rowsAsArray: true }, [...onlyWhile.values]);
  const results = await Promise.allSettled([begun, mine, ...work.map((each) => changeRows(connection, each))]);
  const verdict = judge(work, results);
  if (verdict !== 'written') {
    await rollBack(connection);
    if (verdict === 'not-all') return verdict;
    throw verdict;
  }
  await Promise.all([connection.query('COMMIT'), connection.query(END)]).catch((error) => {
    throw atCommit(readFault(error));
  });
  return 'written';
}

/** What came of it before COMMIT: the worst of it. */
function judge(work: Work, results: readonly PromiseSettledResult<unknown>[]): 'written' | 'not-all' | unknown {
  const [, mine, ...changed] = results;
  const faults = faultsOf(results);
  const grave = faults.find((fault) => !isOfARow(fault));
  if (grave !== undefined) return grave;
  if (mine?.status === 'fulfilled' && Array.isArray(mine.value) && mine.value.length === 0) {
    return new DatabaseFault('not-ours', 'another process holds the lease');
  }
  const all = work.every((each, index) => {
    const result = changed[index];
    return result?.status === 'fulfilled' && result.value === countOf(each);
  });
  return all ? 'written' : 'not-all';
}

/** @returns what the database counts. */
async function changeRows(connection: Connection, each: EachRow): Promise<number> {
  const sql = textOf(each);
  const { listed } = each.statement.together;
  const { affectedRows } =
    listed === undefined
      ? await connection.batch<Counted>({ sql, fullResult: false } as { readonly sql: string }, each.rows)
      : await connection.execute<Counted>(sql, [...listed(each.rows)]);
  return affectedRows;
}

interface Counted {
  readonly affectedRows: number;
}

function textOf({ statement: { together }, rows }: EachRow): string {
  return together.sql(rows.length);
}

/** What the database counts when each row was inserted, changed or deleted. */
function countOf({ statement: { together }, rows }: EachRow): number {
  return together.counted * rows.length;
}

/** A rollback that fails has lost its connection, which is a rollback too. */
async function rollBack(connection: Connection): Promise<void> {
  await connection
    .query('ROLLBACK')
    .then(() => connection.query(END))
    .catch(() => undefined);
}

function faultsOf(results: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return results.flatMap((result) => (result.status === 'rejected' ? [readFault(result.reason)] : []));
}

function isOfARow(fault: unknown): boolean {
  return fault instanceof DatabaseFault && (fault.kind === 'taken' || fault.kind === 'bad-row');
}

function rethrow(error: unknown): never {
  throw readFault(error);
}
