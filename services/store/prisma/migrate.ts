/**
 * Applies the migrations that the database lacks, in order, and records them in `_prisma_migrations` in Prisma's own
 * form, so that `prisma migrate deploy` can take over. Prisma's own runner needs a separate binary download, which
 * installing and starting must not.
 *
 * Two runners at once: the second waits and finds nothing left to do. SQLite applies all or nothing; MySQL commits each
 * statement that makes a table, so a migration that fails there stays recorded as failed and is refused until a person
 * has looked.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '#runtime';
import { systemClock } from '#runtime';
import { DatabaseFault } from '../database-fault.ts';
import { StoreUnavailable } from '../store.ts';
import { connect } from './database.ts';
import { toNumber } from './decode.ts';
import { type DialectName, makeExecutor, type Statements } from './executor.ts';
import { recordsOf } from './migration-records.ts';

const FOLDERS: Record<DialectName, string> = { mysql: 'prisma/migrations', sqlite: 'prisma/embedded/migrations' };
const LOCK_NAME = 'porchlight-migrate';
/** Short waits, many of them: a connection on which nothing moves is cut. */
const LOCK_WAIT_S = 2;
const LOCK_TRIES = 30;

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * @param folder of migrations, where it is not this version's own.
 * @returns the names of the migrations that were applied now.
 * @throws StoreUnavailable when the database is away; Error when what is recorded there does not fit what is here.
 */
export async function migrate(
  databaseUrl: string,
  { log, folder }: { readonly log: Log; readonly folder?: string },
): Promise<{ readonly applied: readonly string[] }> {
  const connected = await connect(databaseUrl);
  const { adapter, dialect } = connected;
  try {
    const executor = makeExecutor(connected);
    const applied = await executor.transaction((statements) =>
      alone(statements, dialect, () => applyMissing(statements, dialect, readMigrations(dialect, folder), log)),
    );
    return { applied };
  } catch (fault) {
    if (!(fault instanceof DatabaseFault) || fault.kind === 'bad-row' || fault.kind === 'taken') throw fault;
    throw new StoreUnavailable(fault.message, { cause: fault });
  } finally {
    await adapter.dispose();
  }
}

/** The migrations of this version, or of another folder, in order of their names, which begin with a timestamp. */
export function readMigrations(
  dialect: DialectName,
  folder = join(packageRoot(), FOLDERS[dialect]),
): readonly Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, sql: readFileSync(join(folder, name, 'migration.sql'), 'utf8') }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

export async function applyMissing(
  statements: Statements,
  dialect: DialectName,
  migrations: readonly Migration[],
  log: Log,
): Promise<readonly string[]> {
  const records = recordsOf(statements, dialect);
  const recorded = await records.read();
  const applied: string[] = [];
  for (const { name, sql } of migrations) {
    const checksum = createHash('sha256').update(sql).digest('hex');
    const record = recorded.get(name);
    if (record !== undefined) {
      if (!record.finished) throw new Error(`migration ${name} is recorded as failed: mend the tables by hand first`);
      if (record.checksum !== checksum) throw new Error(`migration ${name} was changed after it was applied`);
      continue;
    }
    const id = randomUUID();
    await records.begin(id, name, checksum, systemClock.now());
    try {
      for (const statement of splitSql(sql)) await statements.execute(statement, []);
    } catch (fault) {
      await records.fail(id, String(fault)).catch(() => undefined);
      throw fault;
    }
    await records.finish(id, systemClock.now());
    log.info({ migration: name }, 'migration applied');
    applied.push(name);
  }
  return applied;
}

/** Statements end with a semicolon at the end of a line; comment lines are left out. */
export function splitSql(sql: string): readonly string[] {
  return sql
    .replace(/^--.*$/gm, '')
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** On SQLite the transaction itself is the lock. MySQL's tables are made outside transactions, so a named lock is held. */
async function alone<T>(statements: Statements, dialect: DialectName, work: () => Promise<T>): Promise<T> {
  if (dialect === 'sqlite') return work();
  // A name of the server's, not of one database: two databases of one server migrate one after the other.
  for (let tries = 1; ; tries += 1) {
    const [row] = await statements.query(`SELECT GET_LOCK(?, ${LOCK_WAIT_S})`, [LOCK_NAME]);
    if (toNumber(row?.[0]) === 1) break;
    if (tries === LOCK_TRIES) throw new DatabaseFault('busy', 'another migration is under way');
  }
  try {
    return await work();
  } finally {
    await statements.query('SELECT RELEASE_LOCK(?)', [LOCK_NAME]).catch(() => undefined);
  }
}

/** The folder with package.json, from the sources and from dist/ alike. */
function packageRoot(): string {
  for (let folder = import.meta.dirname; ; folder = join(folder, '..')) {
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, FOLDERS.mysql))) return folder;
    if (folder === join(folder, '..')) throw new Error('the folder prisma/ is missing beside package.json');
  }
}
