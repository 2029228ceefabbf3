/**
 * Groups of writes, and readings, on SQLite, on a connection of their own whose statements stay prepared. A group is one call that
 * does not return before it is on the disk: nothing else of this process comes between BEGIN and COMMIT.
 */
import Database from 'libsql';
import { DatabaseFault } from '../database-fault.ts';
import { atCommit, type Row, type Statements, type Value, type WriteAll } from './executor.ts';
import { readFault } from './faults.ts';

export interface SqliteGroups {
  readonly writeAll: WriteAll;
  /** Outside any transaction: what is not committed is not seen. */
  readonly query: Statements['query'];
  close(): void;
}

export interface SqliteGroupsOptions {
  readonly path: string;
  /** Said once per connection. */
  readonly pragmas: readonly string[];
  /** How long the native call waits for another process's lock, ms; then it is tried again after `pauseMs`, so many times. */
  readonly timeout: number;
  readonly pauseMs: number;
  readonly tries: number;
  pause(ms: number): Promise<void>;
  /** Told what a new connection's `journal_mode` and `synchronous` are, as read back. */
  connected(mode: string, level: number): void;
}

type Statement = ReturnType<Database.Database['prepare']>;

export function makeSqliteGroups(options: SqliteGroupsOptions): SqliteGroups {
  let database: Database.Database | undefined;
  let prepared = new Map<string, Statement>();
  let closed = false;

  function open(): Database.Database {
    if (closed) throw new DatabaseFault('unreachable', 'the database is closed');
    if (database !== undefined) return database;
    const opened = new Database(options.path, { timeout: options.timeout });
    for (const pragma of options.pragmas) opened.exec(pragma);
    const [mode] = firstRow(opened.prepare('PRAGMA journal_mode'));
    const [level] = firstRow(opened.prepare('PRAGMA synchronous'));
    options.connected(String(mode), Number(level));
    database = opened;
    return opened;
  }

  /** After a BUSY a connection cannot be used any more. */
  function letGo(): void {
    database?.close();
    database = undefined;
    prepared = new Map();
  }

  function rollBack(): void {
    try {
      database?.exec('ROLLBACK');
    } catch {
      letGo();
    }
  }

  function statement(sql: string): Statement {
    let found = prepared.get(sql);
    if (found === undefined) {
      found = open().prepare(sql);
      prepared.set(sql, found);
    }
    return found;
  }

  /** @returns false when another process holds the write lock. */
  function begin(): boolean {
    try {
      open().exec('BEGIN IMMEDIATE');
      return true;
    } catch (error) {
      const fault = readFault(error);
      letGo();
      if (fault instanceof DatabaseFault && fault.kind === 'busy') return false;
      throw fault;
    }
  }

  /** Nothing is awaited in here: from BEGIN to COMMIT the connection is this group's alone. */
  function write(work: Parameters<WriteAll>[0], onlyWhile: Parameters<WriteAll>[1]): 'written' | 'not-all' {
    try {
      if (onlyWhile !== undefined && firstRow(statement(onlyWhile.sql), onlyWhile.values).length === 0) {
        throw new DatabaseFault('not-ours', 'another process holds the lease');
      }
      for (const { statement: each, rows } of work) {
        const one = statement(each.sql);
        for (const row of rows) {
          if (one.run(row).changes === 1) continue;
          rollBack();
          return 'not-all';
        }
      }
    } catch (error) {
      const fault = readFault(error);
      rollBack();
      if (fault instanceof DatabaseFault && (fault.kind === 'taken' || fault.kind === 'bad-row')) return 'not-all';
      throw fault;
    }
    try {
      open().exec('COMMIT');
    } catch (error) {
      letGo();
      throw atCommit(readFault(error));
    }
    return 'written';
  }

  const writeAll: WriteAll = async (work, onlyWhile) => {
    for (let attempt = 1; attempt <= options.tries; attempt += 1) {
      if (begin()) return write(work, onlyWhile);
      await options.pause(options.pauseMs);
    }
    throw new DatabaseFault('busy', 'another process keeps the write lock');
  };

  const query: Statements['query'] = async (sql, values) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return statement(sql).raw().all(values.map(borne)) as readonly Row[];
      } catch (error) {
        const fault = readFault(error);
        letGo();
        if (!(fault instanceof DatabaseFault && fault.kind === 'busy') || attempt === options.tries) throw fault;
      }
      await options.pause(options.pauseMs);
    }
  };

  return {
    writeAll,
    query,
    close() {
      closed = true;
      letGo();
    },
  };
}

/** Of other kinds of values the native library ends the process. */
function borne(value: Value): Value {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}

/** Read to the end: a statement that is left in the middle (`get`) keeps its lock. */
function firstRow(statement: Statement, values: readonly Value[] = []): readonly unknown[] {
  const [row] = statement.all([...values]) as readonly object[];
  return row === undefined ? [] : Object.values(row);
}
