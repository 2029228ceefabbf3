/**
 * Whether what was committed outlives a power cut. The settings that decide it are read back from the database, whenever a
 * connection to it is made, and not believed to be what somebody once wrote into a file.
 */
import type { Log } from '#runtime';
import { toNumber, toText } from './decode.ts';

/** Whoever can read. */
interface Queries {
  query(sql: string, values: readonly never[]): Promise<readonly (readonly unknown[])[]>;
}

export interface Durability {
  /** As the database gives them. */
  readonly settings: Readonly<Record<string, string>>;
  /** What is wrong, in words for who runs the server; empty when every answered write is on the disk. */
  readonly faults: readonly string[];
}

/** InnoDB, of MySQL and MariaDB alike: the manuals' chapters on these variables. @throws DatabaseFault */
export async function readInnoDb({ query }: Queries): Promise<Durability> {
  const sql =
    'SELECT @@GLOBAL.innodb_flush_log_at_trx_commit, @@GLOBAL.log_bin, @@GLOBAL.sync_binlog, @@GLOBAL.innodb_doublewrite';
  const [row] = await query(sql, []);
  const [flush, logBin, syncBinlog, doublewrite] = (row ?? []).map(String) as [string, string, string, string];
  const faults: string[] = [];
  if (flush !== '1') {
    faults.push(
      `innodb_flush_log_at_trx_commit is ${flush}: a crash can take what was answered in the last second; set it to 1`,
    );
  }
  // With a binary log a transaction that is not in it is rolled back by the recovery.
  if (isOn(logBin) && syncBinlog !== '1') {
    faults.push(`sync_binlog is ${syncBinlog}: a power cut can take what was answered before it; set it to 1`);
  }
  if (!isOn(doublewrite)) {
    faults.push(`innodb_doublewrite is ${doublewrite}: a power cut can leave a torn page; set it to ON`);
  }
  const settings = {
    innodb_flush_log_at_trx_commit: flush,
    log_bin: logBin,
    sync_binlog: syncBinlog,
    innodb_doublewrite: doublewrite,
  };
  return { settings, faults };
}

const LEVELS = ['OFF', 'NORMAL', 'FULL', 'EXTRA'];

/**
 * https://sqlite.org/pragma.html#pragma_synchronous
 * With a write-ahead log FULL syncs it at every COMMIT; with a rollback journal a commit is the removal of a file, and only
 * EXTRA syncs the folder after it.
 */
export function judgeSqlite(mode: string, level: number): Durability {
  const needed = mode.toLowerCase() === 'wal' ? 2 : 3;
  const settings = { journal_mode: mode, synchronous: LEVELS[level] ?? String(level) };
  if (level >= needed && /^(wal|delete|truncate|persist)$/i.test(mode)) return { settings, faults: [] };
  return {
    settings,
    faults: [
      `journal_mode ${mode} with synchronous ${settings.synchronous}: a power cut can take what was answered before it`,
    ],
  };
}

/** @throws DatabaseFault */
export async function readSqlite({ query }: Queries): Promise<Durability> {
  const [[mode] = []] = await query('PRAGMA journal_mode', []);
  const [[level] = []] = await query('PRAGMA synchronous', []);
  return judgeSqlite(toText(mode), toNumber(level));
}

function isOn(setting: string): boolean {
  return /^(1|on|true|detect_and_recover)$/i.test(setting);
}

/** Says what was read back: once, and again when it is something else than before. */
export function makeDurabilityNote(log: Pick<Log, 'info' | 'error'>): (durability: Durability) => void {
  let said = '';
  return function note({ settings, faults }) {
    const text = JSON.stringify([settings, faults]);
    if (text === said) return;
    said = text;
    if (faults.length === 0) log.info({ settings }, 'what is committed is on the disk');
    else log.error({ settings, faults }, 'WHAT IS ANSWERED CAN BE LOST IN A CRASH: the database is set so');
  };
}
