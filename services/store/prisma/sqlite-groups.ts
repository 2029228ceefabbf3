/**
 * Groups of writes on SQLite, on a connection of their own whose statements stay prepared. A group is one call that does
 * not return before it is on the disk: nothing else of this process comes between BEGIN and COMMIT.
 */
import Database from 'libsql';
import { DatabaseFault } from '../database-fault.ts';
import { atCommit, type WriteAll } from './executor.ts';
import { readFault } from './faults.ts';

export interface SqliteGroups {
  readonly writeAll: WriteAll;
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
    const [mode] = Object.values(opened.prepare('PRAGMA journal_mode').get() as object);
    const [level] = Object.values(opened.prepare('PRAGMA synchronous').get() as object);
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

  function rollBack(opened: Database.Database): void {
    try {
      opened.exec('ROLLBACK');
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

  async function begin(): Promise<Database.Database> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const opened = open();
        opened.exec('BEGIN IMMEDIATE');
        return opened;
      } catch (error) {
        const fault = readFault(error);
        letGo();
        if (!(fault instanceof DatabaseFault && fault.kind === 'busy') || attempt === options.tries) throw fault;
      }
      await options.pause(options.pauseMs);
    }
  }

  const writeAll: WriteAll = async (work, onlyWhile) => {
    const opened = await begin();
    try {
      if (onlyWhile !== undefined && statement(onlyWhile.sql).get([...onlyWhile.values]) === undefined) {
        throw new DatabaseFault('not-ours', 'another process holds the lease');
      }
      for (const { sql, rows } of work) {
        const each = statement(sql);
        for (const row of rows) {
          if (each.run(row).changes === 1) continue;
          rollBack(opened);
          return 'not-all';
        }
      }
    } catch (error) {
      const fault = readFault(error);
      rollBack(opened);
      if (fault instanceof DatabaseFault && (fault.kind === 'taken' || fault.kind === 'bad-row')) return 'not-all';
      throw fault;
    }
    try {
      opened.exec('COMMIT');
    } catch (error) {
      letGo();
      throw atCommit(readFault(error));
    }
    return 'written';
  };

  return {
    writeAll,
    close() {
      closed = true;
      letGo();
    },
  };
}
