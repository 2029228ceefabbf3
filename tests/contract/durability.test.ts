/** Committed, then answered: what the databases flush, counted by them, and what is said when they are set otherwise. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Log, silentLog } from '#runtime';
import { inspectDatabase, migrate, openStore } from '#store';
import { makeFakeClock } from '../support/fake-clock.ts';
import { mariadbInstalled, type PrivateMariaDb, startMariaDb } from '../support/mariadb.ts';
import { toolsInstalled } from '../support/processes.ts';
import { makePublication, makeTemporaryFolder } from '../support/stores.ts';

const WRITES = 40;

describe.skipIf(!mariadbInstalled('durability on MariaDB'))('MariaDB', () => {
  let server: PrivateMariaDb;
  let databaseUrl = '';
  beforeAll(async () => {
    server = await startMariaDb();
    databaseUrl = server.url('durable');
    await migrate(databaseUrl, { log: silentLog });
  }, 60_000);
  afterAll(() => server.stop());

  const flushes = (): number => Number(server.read("SHOW GLOBAL STATUS LIKE 'Innodb_data_fsyncs'")[0]?.[1]);

  test('each commit that somebody waited for was flushed to the disk by itself', async () => {
    const store = await openStore(databaseUrl, { clock: makeFakeClock(), log: silentLog });
    await store.publications.write({ kind: 'insert', publication: makePublication('first') });
    const before = flushes();
    for (let index = 0; index < WRITES; index += 1) {
      await store.publications.write({ kind: 'insert', publication: makePublication(`flushed${index}`) });
    }
    expect(flushes() - before).toBeGreaterThanOrEqual(WRITES);
    await store.close();
  });

  test('a server that flushes once a second is a loud line in the log, and a finding of `porchlight check`', async () => {
    const errors: object[] = [];
    const heard = new Promise<void>((resolve) => {
      const log: Log = { ...silentLog, error: (fields) => resolve(void errors.push(fields)) };
      server.run('SET GLOBAL innodb_flush_log_at_trx_commit = 2');
      void openStore(databaseUrl, { clock: makeFakeClock(), log }).then((store) => heard.then(() => store.close()));
    });
    await heard;
    expect(JSON.stringify(errors)).toContain('innodb_flush_log_at_trx_commit is 2');
    expect((await inspectDatabase(databaseUrl)).durability).toEqual([
      expect.stringContaining('innodb_flush_log_at_trx_commit is 2'),
    ]);
    server.run('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
    expect((await inspectDatabase(databaseUrl)).durability).toEqual([]);
  });
});

const hasStrace = toolsInstalled('durability on SQLite, its system calls counted', [
  { program: 'strace', package: 'strace' },
]);
describe.skipIf(!hasStrace)('SQLite', () => {
  const folder = makeTemporaryFolder('durable');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('each commit that somebody waited for was flushed to the disk by itself', async () => {
    const databaseUrl = `file:${join(folder, 'porchlight.db')}`;
    await migrate(databaseUrl, { log: silentLog });
    const trace = join(folder, 'trace');
    const writer = fileURLToPath(new URL('../support/second-writer.ts', import.meta.url));
    const { status, stderr } = spawnSync(
      'strace',
      ['-f', '-qq', '-y', '-e', 'trace=fsync,fdatasync', '-o', trace].concat([
        process.execPath,
        '--import',
        'tsx',
        '--conditions=source',
        writer,
        databaseUrl,
      ]),
      {
        encoding: 'utf8',
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
        env: { ...process.env, TMPDIR: tmpdir() },
      },
    );
    expect(status, stderr).toBe(0);
    const ofTheLog = readFileSync(trace, 'latin1')
      .split('\n')
      .filter((line) => line.includes('porchlight.db-wal>'));
    // 100 publications and as many rows of the journal, one after the other.
    expect(ofTheLog.length).toBeGreaterThanOrEqual(200);
  }, 60_000);

  test('what was read back is said', async () => {
    const said: object[] = [];
    const log: Log = { ...silentLog, info: (fields) => void said.push(fields) };
    const databaseUrl = `file:${join(folder, 'porchlight.db')}`;
    const store = await openStore(databaseUrl, { clock: makeFakeClock(), log });
    await store.publications.write({ kind: 'insert', publication: makePublication('said') });
    expect(said).toContainEqual({ settings: { journal_mode: 'wal', synchronous: 'EXTRA' } });
    expect((await inspectDatabase(databaseUrl)).durability).toEqual([]);
    await store.close();
  });
});
