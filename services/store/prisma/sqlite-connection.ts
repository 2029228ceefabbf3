/**
 * SQLite through Prisma's libsql adapter, on one connection. The adapter as it comes opens a connection per transaction
 * and never closes it, begins transactions that take the write lock only later (so that two processes meet SQLITE_BUSY
 * in the middle), and cannot go on after a BUSY. Here a transaction is BEGIN IMMEDIATE on the one connection, which is
 * opened anew after a BUSY.
 *
 * Native calls hold the event loop, so the wait for another process's lock is many short ones with pauses between.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { type Durability, judgeSqlite } from './durability.ts';
import type { Connected } from './executor.ts';
import { makeSqliteGroups } from './sqlite-groups.ts';

type Client = ReturnType<PrismaLibSql['createClient']>;
type Config = Parameters<PrismaLibSql['createClient']>[0];
type Statement = Parameters<Client['execute']>[0];
type Result = Awaited<ReturnType<Client['execute']>>;
type Transaction = Awaited<ReturnType<Client['transaction']>>;
type Pause = (ms: number) => Promise<void>;
/** What was read back of a connection's `journal_mode` and `synchronous`. */
type ReadBack = (mode: string, level: number) => void;

/**
 * Once per connection. An answered write is on the disk, not only in the file system's cache: with a write-ahead log FULL
 * does that; where the file system bears none, EXTRA. `fullfsync` is for macOS, whose fsync leaves it in the drive's cache.
 */
const PRAGMAS = [
  'PRAGMA journal_mode = WAL',
  'PRAGMA synchronous = EXTRA',
  'PRAGMA fullfsync = ON',
  'PRAGMA checkpoint_fullfsync = ON',
  'PRAGMA foreign_keys = ON',
];
const NATIVE_WAIT_MS = 5;
const PAUSE_MS = 3;
const TRIES = 500;
const SQLITE_BUSY = 5;

/** @param path of the database file; it and its folder are made when missing, for the owner's eyes only. */
export async function connectSqlite(path: string, pause: Pause): Promise<Connected> {
  mkdirSync(dirname(path), { recursive: true });
  makeFile(path);
  let tell: (durability: Durability) => void = () => undefined;
  const connected = (mode: string, level: number): void => tell(judgeSqlite(mode, level));
  const adapter = await new OneConnection({ url: `file:${path}`, timeout: NATIVE_WAIT_MS }, pause, connected).connect();
  const groups = makeSqliteGroups({
    path,
    connected,
    pragmas: PRAGMAS,
    timeout: NATIVE_WAIT_MS,
    pauseMs: PAUSE_MS,
    tries: TRIES,
    pause,
  });
  const dispose = adapter.dispose.bind(adapter);
  adapter.dispose = async () => {
    groups.close();
    await dispose();
  };
  return {
    adapter,
    dialect: 'sqlite',
    writeAll: groups.writeAll,
    query: groups.query,
    onConnected(listener) {
      tell = listener;
    },
  };
}

/**
 * Never opens a file that is there: closing any descriptor of a file drops all POSIX locks that this process holds on
 * it, SQLite's too, and another process could then take the write-ahead log away under an open connection.
 */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

class OneConnection extends PrismaLibSql {
  readonly #pause: Pause;
  readonly #connected: ReadBack;
  constructor(config: Config, pause: Pause, connected: ReadBack) {
    super(config);
    this.#pause = pause;
    this.#connected = connected;
  }
  override createClient(config: Config): Client {
    return onOneConnection(super.createClient(config), this.#pause, this.#connected);
  }
}

function onOneConnection(native: Client, pause: Pause, connected: ReadBack): Client {
  let prepared = false;

  /** A statement that met BUSY did nothing; on a fresh connection it may be tried again. */
  async function patiently(statement: Statement): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (!prepared) {
          for (const pragma of PRAGMAS) await native.execute(pragma);
          connected(String(await readBack('PRAGMA journal_mode')), Number(await readBack('PRAGMA synchronous')));
          prepared = true;
        }
        return await native.execute(statement);
      } catch (error) {
        if (!isBusy(error) || native.closed) throw error;
        await renew();
        if (attempt === TRIES) throw error;
      }
      await pause(PAUSE_MS);
    }
  }

  async function readBack(pragma: string): Promise<unknown> {
    return (await native.execute(pragma)).rows[0]?.[0];
  }

  async function renew(): Promise<void> {
    prepared = false;
    await native.reconnect();
  }

  async function transaction(): Promise<Transaction> {
    await patiently('BEGIN IMMEDIATE');
    let open = true;
    const end = async (statement: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
      if (!open) return;
      open = false;
      try {
        await native.execute(statement);
      } catch (error) {
        await renew();
        throw error;
      }
    };
    const inside: Pick<Transaction, 'execute' | 'commit' | 'rollback' | 'close' | 'closed'> = {
      execute: (statement: Statement) => native.execute(statement),
      commit: () => end('COMMIT'),
      rollback: () => end('ROLLBACK'),
      close: () => void end('ROLLBACK').catch(() => undefined),
      get closed() {
        return !open;
      },
    };
    return inside as Transaction;
  }

  const client: Pick<Client, 'execute' | 'transaction' | 'executeMultiple' | 'close' | 'closed'> = {
    execute: patiently,
    transaction,
    executeMultiple: (sql) => native.executeMultiple(sql),
    close: () => native.close(),
    get closed() {
      return native.closed;
    },
  };
  return client as Client;
}

function isBusy(error: unknown): boolean {
  const { rawCode } = error as { readonly rawCode?: unknown };
  return typeof rawCode === 'number' && (rawCode & 255) === SQLITE_BUSY;
}
