/**
 * Statements written by hand, through the same adapter (and so the same connections) that the Prisma client uses. The
 * adapter's own interface is a third of the client's CPU per row and lets a transaction decide in between.
 */
import type { PrismaLibSql } from '@prisma/adapter-libsql';
import { DatabaseFault } from '../database-fault.ts';
import type { Durability } from './durability.ts';
import { readFault } from './faults.ts';

/** Prisma's interface between its client and a database driver. */
export type SqlAdapter = Awaited<ReturnType<PrismaLibSql['connect']>>;
export type DialectName = 'mysql' | 'sqlite';
export type Value = string | number | bigint | boolean | Uint8Array | null;
/** A row as the adapter gives it, by position; see decode.ts for what the two databases make of a number. */
export type Row = readonly unknown[];

export interface Statements {
  query(sql: string, values: readonly Value[]): Promise<readonly Row[]>;
  /** @returns the number of rows that were inserted, found for update, or deleted. */
  execute(sql: string, values: readonly Value[]): Promise<number>;
}

/** A statement that inserts, changes or deletes one row. */
export interface RowStatement {
  readonly sql: string;
  /** How MySQL and MariaDB do the same for many rows as one statement, so that it says of all together what was done. */
  readonly together: Together;
}

export interface Together {
  /** For so many rows: few different texts. */
  sql(count: number): string;
  /** What the database counts for a row that was inserted, changed or deleted; it counts less for any other. */
  readonly counted: 1 | 2;
  /** All values of a statement that lists its rows; absent where each row is sent for the same statement. */
  listed?(rows: readonly (readonly Value[])[]): readonly Value[];
}

/** One statement, and the rows it is to be run for. */
export interface EachRow {
  readonly statement: RowStatement;
  readonly rows: readonly (readonly Value[])[];
}

/**
 * Runs each statement for each of its rows, in one transaction, and commits if every one of them changed its row: with
 * `WHERE id = ? AND etag = ?` the statement itself decides, and nothing need be read before.
 * @param onlyWhile finds a row while this process may write.
 * @returns `not-all` when some row was not changed or could not be; then nothing was.
 * @throws DatabaseFault `not-ours` when `onlyWhile` finds no row.
 */
export type WriteAll = (
  work: readonly EachRow[],
  onlyWhile: { readonly sql: string; readonly values: readonly Value[] } | undefined,
) => Promise<'written' | 'not-all'>;

export interface Executor {
  readonly dialect: DialectName;
  readonly writeAll: WriteAll;
  /** A reading outside any transaction. @throws DatabaseFault */
  query(sql: string, values: readonly Value[]): Promise<readonly Row[]>;
  /** Commits when `work` resolves, rolls back when it throws. @throws DatabaseFault */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
}

/** A database that was connected to: Prisma's way to speak to it, and the one for groups of writes. */
export interface Connected {
  readonly adapter: SqlAdapter;
  readonly dialect: DialectName;
  readonly writeAll: WriteAll;
  /** A reading outside any transaction, by the driver itself: the adapter takes three times as long for a row. @throws DatabaseFault */
  readonly query: Statements['query'];
  /** Tells what the settings are that decide about durability, read back whenever a connection is made. */
  onConnected(tell: (durability: Durability) => void): void;
}

type Queryable = Pick<SqlAdapter, 'queryRaw' | 'executeRaw'>;
const UNTYPED = { scalarType: 'unknown', arity: 'scalar' } as const;

export function makeExecutor({ adapter, dialect, writeAll, query }: Connected): Executor {
  return {
    dialect,
    writeAll,
    query,
    async transaction(work) {
      const transaction = await adapter.startTransaction().catch(rethrow);
      let result: Awaited<ReturnType<typeof work>>;
      try {
        result = await work(statementsOn(transaction));
      } catch (fault) {
        // A rollback that fails has lost its connection, which is a rollback too.
        await transaction.rollback().catch(() => undefined);
        throw fault;
      }
      try {
        await transaction.commit();
      } catch (error) {
        throw atCommit(readFault(error));
      }
      return result;
    },
  };
}

export function statementsOn(queryable: Queryable): Statements {
  return {
    async query(sql, values) {
      const { rows } = await queryable.queryRaw(queryOf(sql, values)).catch(rethrow);
      return rows;
    },
    execute: (sql, values) => queryable.executeRaw(queryOf(sql, values)).catch(rethrow),
  };
}

function queryOf(sql: string, values: readonly Value[]): Parameters<Queryable['queryRaw']>[0] {
  return { sql, args: values as unknown[], argTypes: values.map(() => UNTYPED) };
}

/** What COMMIT did before the connection was lost must be read again. */
export function atCommit(fault: unknown): unknown {
  return fault instanceof DatabaseFault && fault.kind === 'unreachable'
    ? new DatabaseFault('outcome-unknown', fault.message, fault)
    : fault;
}

function rethrow(error: unknown): never {
  throw readFault(error);
}
