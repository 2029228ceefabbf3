/**
 * How many publications a second the store replaces durably, and what a row costs in CPU of this process.
 *
 *   NODE_OPTIONS=--conditions=source npx tsx bench/micro/store.ts [sqlite] [mariadb] [mysql://…]
 *
 * SQLite in a temporary folder, a private MariaDB with its defaults (both flush to the disk at every commit), or the
 * database of a URL, which must be one for tests.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, systemClock } from '#runtime';
import { migrate, openStore } from '#store';
import { startMariaDb } from '../../tests/support/mariadb.ts';
import { aor, makePublication, tag } from '../../tests/support/stores.ts';

const ROWS = 2000;
const SPAN_MS = 4000;
const BODY_BYTES = 400;

async function measure(name: string, databaseUrl: string): Promise<void> {
  await migrate(databaseUrl, { log: silentLog });
  const store = await openStore(databaseUrl, { clock: systemClock, log: silentLog });
  const body = new Uint8Array(BODY_BYTES).fill(65);
  const rows = Array.from({ length: ROWS }, (_, index) =>
    makePublication(`bench${index}`, { presentity: aor(`user${index}`), etag: tag(`b-${process.pid}-${index}`), body }),
  );
  await Promise.all(
    rows.map(async (publication) => {
      await store.publications.write({ kind: 'insert', publication });
    }),
  );
  for (const waiting of [1, 10, 100, 1000]) {
    await run(`${name}, ${waiting} at once`, waiting);
  }
  for (const { id, etag } of rows) void store.publications.write({ kind: 'remove', expected: etag, id });
  await store.close();

  async function run(title: string, waiting: number): Promise<void> {
    const end = systemClock.now() + SPAN_MS;
    const cpu = process.cpuUsage();
    const started = performance.now();
    let written = 0;
    await Promise.all(
      Array.from({ length: waiting }, async (_, lane) => {
        for (let turn = 0; systemClock.now() < end; turn += 1) {
          const index = (lane + turn * waiting) % ROWS;
          const before = rows[index];
          if (before === undefined) return;
          const publication = { ...before, etag: tag(`${title.length}-${lane}-${turn}-${process.pid}-${waiting}`) };
          const outcome = await store.publications.write({ kind: 'replace', expected: before.etag, publication });
          if (outcome !== 'written') throw new Error(`replace: ${outcome}`);
          rows[index] = publication;
          written += 1;
        }
      }),
    );
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const perRow = (user + system) / 1000 / written;
    console.log(`${title}: ${Math.round(written / seconds)} rows/s, ${perRow.toFixed(4)} ms CPU a row`);
  }
}

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : ['sqlite', 'mariadb']) {
  if (name === 'sqlite') {
    const folder = mkdtempSync(join(tmpdir(), 'porchlight-bench-'));
    await measure(name, `file:${join(folder, 'bench.db')}`);
    rmSync(folder, { recursive: true, force: true });
  } else if (name === 'mariadb') {
    const server = await startMariaDb();
    await measure(name, server.url('bench'));
    await server.stop();
  } else {
    await measure('mysql', name);
  }
}
