import type { Log } from '#runtime';
import { systemClock } from '#runtime';
import { DatabaseFault } from '../database-fault.ts';
import { StoreUnavailable } from '../store.ts';
import { makeDurabilityNote } from './durability.ts';
import {
  type Connected,
  type Executor,
  makeExecutor,
  type SqlAdapter,
  type Statements,
  statementsOn,
} from './executor.ts';
import { readFault } from './faults.ts';
import { PrismaClient } from './generated/mysql/client.ts';
import { connectMysql } from './mysql-connection.ts';

/** One database, two ways to speak to it over the same connections. */
export interface Database {
  /** For tables that are written one row at a time. */
  readonly client: PrismaClient;
  /** For statements with many rows and for transactions that decide. */
  readonly executor: Executor;
  /**
   * Readings that all show the database as it stood at the first of them, while others go on writing: on SQLite over a
   * connection of its own, because a transaction on the shared one takes the only write lock.
   */
  readonly snapshot: <T>(work: (queries: Pick<Statements, 'query'>) => Promise<T>) => Promise<T>;
  disconnect(): Promise<void>;
}

/** Runs work on the database: tried again when it was busy. @throws StoreUnavailable when the database is away. */
export type Attempt = <T>(work: () => Promise<T>) => Promise<T>;

const TRIES = 6;
const FIRST_PAUSE_MS = 10;

/** Waits in real time: what is waited for are locks and servers, which no test's clock moves. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => systemClock.after(ms, resolve));
}

/** @param databaseUrl `file:` and a path, or `mysql://user:password@host:port/database?option=value`. */
export async function connect(databaseUrl: string): Promise<Connected> {
  if (databaseUrl.startsWith('file:')) {
    try {
      // Only now: an installation on MySQL need not have SQLite's binary.
      const { connectSqlite } = await import('./sqlite-connection.ts');
      return await connectSqlite(pathOf(databaseUrl), pause);
    } catch (error) {
      throw new StoreUnavailable(`the database file cannot be opened: ${String(error)}`, { cause: error });
    }
  }
  if (!/^(mysql|mariadb):/.test(databaseUrl)) throw new Error('a database is named by a file: or a mysql: URL');
  return connectMysql(databaseUrl);
}

type Shared = Pick<SqlAdapter, 'provider' | 'adapterName'> & { readonly connect: () => Promise<SqlAdapter> };

export async function openDatabase(databaseUrl: string, log: Log): Promise<Database> {
  const connected = await connect(databaseUrl);
  connected.onConnected(makeDurabilityNote(log));
  const { adapter, dialect } = connected;
  const shared: Shared = { provider: adapter.provider, adapterName: adapter.adapterName, connect: async () => adapter };
  // The two clients differ in type names only; every table is the same (a test compares the schemas).
  const client =
    dialect === 'mysql'
      ? new PrismaClient({ adapter: shared })
      : ((await sqliteClient(shared)) as unknown as PrismaClient);
  const executor = makeExecutor(connected);
  return {
    client,
    executor,
    snapshot: (work) => (dialect === 'mysql' ? executor.transaction(work) : snapshotOfFile(databaseUrl, work)),
    disconnect: () => adapter.dispose(),
  };
}

async function sqliteClient(adapter: Shared) {
  const { PrismaClient: SqlitePrismaClient } = await import('./generated/sqlite/client.ts');
  return new SqlitePrismaClient({ adapter });
}

async function snapshotOfFile<T>(
  databaseUrl: string,
  work: (queries: Pick<Statements, 'query'>) => Promise<T>,
): Promise<T> {
  const connected = await connect(databaseUrl);
  try {
    // A transaction is of one connection.
    const { query } = statementsOn(connected.adapter);
    await query('BEGIN', []);
    return await work({ query });
  } finally {
    await connected.adapter.dispose();
  }
}

/** @returns also how to end: later work is turned away, and the promise resolves when what is under way has ended. */
export function makeAttempt(log: Log): { readonly attempt: Attempt; end(): Promise<void> } {
  let underWay = 0;
  let idlers: (() => void)[] = [];
  let away = false;
  let ended = false;

  function note(isAway: boolean, fault: string): void {
    if (isAway && !away) log.warn({ fault }, 'the database is away');
    if (!isAway && away) log.info({}, 'the database is back');
    away = isAway;
  }

  async function insist<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        const result = await work();
        note(false, '');
        return result;
      } catch (error) {
        const fault = error instanceof StoreUnavailable ? error : readFault(error);
        if (fault instanceof DatabaseFault && fault.kind !== 'bad-row' && fault.kind !== 'taken') {
          if (fault.kind !== 'busy' || tries === TRIES) {
            note(true, fault.message);
            throw new StoreUnavailable(fault.message, { cause: fault });
          }
        } else {
          if (fault instanceof StoreUnavailable && !isNotOurs(fault)) note(true, fault.message);
          throw fault;
        }
      }
      await pause(FIRST_PAUSE_MS * 2 ** (tries - 1));
    }
  }

  return {
    async attempt(work) {
      if (ended) throw new StoreUnavailable('the store is closed');
      underWay += 1;
      try {
        return await insist(work);
      } finally {
        underWay -= 1;
        if (underWay === 0) {
          for (const idle of idlers) idle();
          idlers = [];
        }
      }
    },
    async end() {
      ended = true;
      if (underWay > 0) await new Promise<void>((resolve) => idlers.push(resolve));
    },
  };
}

function isNotOurs({ cause }: StoreUnavailable): boolean {
  return cause instanceof DatabaseFault && cause.kind === 'not-ours';
}

function pathOf(databaseUrl: string): string {
  return databaseUrl.slice('file:'.length).replace(/^\/\/(?=\/)/, '');
}
