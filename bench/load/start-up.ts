/**
 * How long the SIP service takes to take up what is in the database, and in how much memory; and how late its event loop is
 * meanwhile and in the ten seconds after it. The database is filled first; a private MariaDB, or SQLite:
 *
 *     npm run build && node --import tsx --conditions=source bench/load/start-up.ts [--subscriptions 1000000] [--publications 100000] [--sqlite] [--node=--FLAG …]
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startMariaDb } from '../../tests/support/mariadb.ts';
import { openPlace, type Running } from '../../tests/support/processes.ts';
import { fill, pausesIn, secondsOf } from './filled.ts';

const { values: options } = parseArgs({
  options: {
    subscriptions: { type: 'string', default: '1000000' },
    publications: { type: 'string', default: '100000' },
    sqlite: { type: 'boolean', default: false },
    /** Each second's pauses, too. */
    seconds: { type: 'boolean', default: false },
    node: { type: 'string', multiple: true, default: ['--max-semi-space-size=64'] },
  },
});
const subscriptions = Number(options.subscriptions);
const publications = Number(options.publications);
const HOUR_MS = 3_600_000;
const AFTER_MS = 10_000;
const WATCH = fileURLToPath(new URL('./watch-loop.mjs', import.meta.url));

/** Its share of memory, MB (Linux). */
function pssOf({ pid }: Running): number {
  const found = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
  return Math.round(Number(found?.[1] ?? 0) / 1024);
}

const database = options.sqlite ? undefined : await startMariaDb();
const place = await openPlace(database === undefined ? {} : { DATABASE_URL: database.url('start') });
try {
  const filledFrom = performance.now();
  const endsAt = Date.now() + HOUR_MS;
  await fill(place.store, {
    publications,
    subscriptions,
    publicationEndsAt: () => endsAt,
    subscriptionEndsAt: () => endsAt,
    flow: '',
  });
  console.log(`filled in ${Math.round(performance.now() - filledFrom)} ms`);
  const startedAt = Date.now();
  const main = fileURLToPath(new URL('../../dist/services/main.js', import.meta.url));
  const service = place.program(process.execPath, [...options.node, '--import', WATCH, main], { env: place.settings });
  while (!service.lines.some(({ text }) => text.includes('SIP service ready'))) {
    if (Date.now() - startedAt > 300_000) throw new Error(`not ready: ${service.lines.map(({ text }) => text).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const readyAt = Date.now();
  const pssMb = pssOf(service);
  await new Promise((resolve) => setTimeout(resolve, AFTER_MS));
  const seconds = secondsOf(service);
  if (options.seconds) for (const second of seconds) console.log(JSON.stringify(second));
  console.log(
    JSON.stringify({
      database: database === undefined ? 'sqlite' : 'mariadb',
      node: options.node,
      subscriptions,
      publications,
      readyMs: readyAt - startedAt,
      pssMb,
      pssAfterMb: pssOf(service),
      heapMb: Math.max(0, ...seconds.map(({ heapMb }) => heapMb)),
      // A second that is said after it was ready began before.
      pausesInStart: pausesIn(seconds.filter(({ at }) => at <= readyAt + 1000)),
      pausesAfter: pausesIn(seconds.filter(({ at }) => at > readyAt + 1000)),
    }),
  );
  await service.end();
} finally {
  await place.close();
  await database?.stop();
}
