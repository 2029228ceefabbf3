/** What is there at a DATABASE_URL, looked at without changing it: for whoever asks what is wrong. */
import { createHash } from 'node:crypto';
import { systemClock } from '#runtime';
import { DatabaseFault } from '../database-fault.ts';
import { StoreUnavailable } from '../store.ts';
import { connect } from './database.ts';
import { toNumber, toText } from './decode.ts';
import { readInnoDb, readSqlite } from './durability.ts';
import { makeExecutor } from './executor.ts';
import { readMigrations } from './migrate.ts';

export interface DatabaseReport {
  /** `SQLite 3.45.1`, `MySQL 8.4.0`, `11.4.2-MariaDB`. */
  readonly server: string;
  /** How far its clock is ahead of ours, ms. */
  readonly aheadMs: number;
  /** Why what is answered may not outlive a power cut, in words; empty when it does. */
  readonly durability: readonly string[];
  readonly migrations: {
    readonly applied: readonly string[];
    readonly missing: readonly string[];
    /** Recorded as begun and never as finished. */
    readonly failed: readonly string[];
    /** Applied in another form than they have here. */
    readonly changed: readonly string[];
    /** Of a later version of Porchlight. */
    readonly unknown: readonly string[];
  };
}

/** @throws StoreUnavailable when the database cannot be reached. */
export async function inspectDatabase(databaseUrl: string): Promise<DatabaseReport> {
  const connected = await connect(databaseUrl);
  const { adapter, dialect } = connected;
  try {
    const { query } = makeExecutor(connected);
    const about =
      dialect === 'mysql'
        ? 'SELECT VERSION(), CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)'
        : "SELECT 'SQLite ' || sqlite_version(), CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";
    const [row] = await query(about, []);
    const aheadMs = toNumber(row?.[1]) - systemClock.now();
    const tables =
      dialect === 'mysql'
        ? 'SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?'
        : "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?";
    const [count] = await query(tables, ['_prisma_migrations']);
    const recorded = toNumber(count?.[0]) === 0 ? [] : await query(RECORDED, []);
    const records = new Map(
      recorded.map(([name, checksum, finished]) => [
        toText(name),
        { checksum: toText(checksum), finished: toNumber(finished) === 1 },
      ]),
    );
    const { faults } = await (dialect === 'mysql' ? readInnoDb({ query }) : readSqlite({ query }));
    const here = readMigrations(dialect).map(({ name, sql }) => ({
      name,
      checksum: createHash('sha256').update(sql).digest('hex'),
      record: records.get(name),
    }));
    const named = (list: typeof here): readonly string[] => list.map(({ name }) => name);
    const known = new Set(named(here));
    return {
      server: toText(row?.[0]),
      aheadMs,
      durability: faults,
      migrations: {
        applied: named(here.filter(({ record }) => record?.finished === true)),
        missing: named(here.filter(({ record }) => record === undefined)),
        failed: [...records].filter(([, { finished }]) => !finished).map(([name]) => name),
        changed: named(
          here.filter(({ record, checksum }) => record?.finished === true && record.checksum !== checksum),
        ),
        unknown: [...records.keys()].filter((name) => !known.has(name)),
      },
    };
  } catch (fault) {
    if (fault instanceof DatabaseFault) throw new StoreUnavailable(fault.message, { cause: fault });
    throw fault;
  } finally {
    await adapter.dispose();
  }
}

const RECORDED =
  'SELECT `migration_name`, `checksum`, CASE WHEN `finished_at` IS NULL THEN 0 ELSE 1 END' +
  ' FROM `_prisma_migrations` WHERE `rolled_back_at` IS NULL';
