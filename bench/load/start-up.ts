/**
 * How long the SIP service takes to take up what is in the database, and in how much memory; and how late its event loop is
 * meanwhile and in the ten seconds after it. The database is filled first; a private MariaDB, or SQLite:
 *
 *     npm run build && node --import tsx --conditions=source bench/load/start-up.ts [--subscriptions 1000000] [--publications 100000] [--sqlite]
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ArchiveRow } from '#store';
import { startMariaDb } from '../../tests/support/mariadb.ts';
import { aor, openPlace, type Running } from '../../tests/support/processes.ts';
import { makeAccount, makePublication, makeSubscription, tag } from '../../tests/support/stores.ts';

const { values: options } = parseArgs({
  options: {
    subscriptions: { type: 'string', default: '1000000' },
    publications: { type: 'string', default: '100000' },
    sqlite: { type: 'boolean', default: false },
  },
});
const subscriptions = Number(options.subscriptions);
const publications = Number(options.publications);
const PAGE = 1000;
const HOUR_MS = 3_600_000;
const AFTER_MS = 10_000;
const WATCH = fileURLToPath(new URL('./watch-loop.mjs', import.meta.url));

async function* rows(): AsyncIterable<readonly ArchiveRow[]> {
  const now = Date.now();
  const name = (kind: string, index: number): string => `${kind}${String(index).padStart(22 - kind.length, '0')}`;
  const body = new TextEncoder().encode(
    '<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:x@example.com"><tuple id="t"><status><basic>open</basic></status></tuple></presence>',
  );
  yield* pages(publications, (index): ArchiveRow => {
    const { passwordHash, credentials, ...account } = makeAccount(`u${index}`);
    return { table: 'account', account: { ...account, disabled: false }, passwordHash, credentials };
  });
  yield* pages(publications, (index): ArchiveRow => {
    const mine = { presentity: aor(`u${index}`), publisher: aor(`u${index}`), etag: tag(name('e', index)) };
    const publication = makePublication(name('p', index), { ...mine, body, modifiedAt: now, expiresAt: now + HOUR_MS });
    return { table: 'publication', publication };
  });
  yield* pages(subscriptions, (index): ArchiveRow => {
    const subscription = makeSubscription(name('s', index), {
      presentity: aor(`u${index % publications}`),
      watcher: aor(`u${(index * 7 + 1) % publications}`),
      expiresAt: now + HOUR_MS,
      createdAt: now,
    });
    const { dialog } = subscription;
    const remoteTarget = 'sip:nobody@127.0.0.1:9;transport=udp';
    return { table: 'subscription', subscription: { ...subscription, dialog: { ...dialog, routeSet: [], remoteTarget, flow: '' } } };
  });
}

function* pages(count: number, make: (index: number) => ArchiveRow): Iterable<readonly ArchiveRow[]> {
  for (let start = 0; start < count; start += PAGE) {
    yield Array.from({ length: Math.min(PAGE, count - start) }, (_, index) => make(start + index));
  }
}

/** Its share of memory, MB (Linux). */
function pssOf({ pid }: Running): number {
  const found = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
  return Math.round(Number(found?.[1] ?? 0) / 1024);
}

const database = options.sqlite ? undefined : await startMariaDb();
const place = await openPlace(database === undefined ? {} : { DATABASE_URL: database.url('start') });
try {
  const filledFrom = performance.now();
  await place.store.archive.replace(rows);
  console.log(`filled in ${Math.round(performance.now() - filledFrom)} ms`);
  const startedAt = performance.now();
  const service = place.program(process.execPath, ['--import', WATCH, fileURLToPath(new URL('../../dist/services/main.js', import.meta.url))], {
    env: place.settings,
  });
  while (!service.lines.some(({ text }) => text.includes('SIP service ready'))) {
    if (performance.now() - startedAt > 300_000) throw new Error(`not ready: ${service.lines.map(({ text }) => text).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const readyMs = Math.round(performance.now() - startedAt);
  const pssMb = pssOf(service);
  await new Promise((resolve) => setTimeout(resolve, AFTER_MS));
  const delays = service.errors.flatMap((text) => (text.startsWith('loop ') ? [JSON.parse(text.slice(5)) as { maxMs: number }] : []));
  const inStart = delays.slice(0, Math.ceil(readyMs / 1000)).map(({ maxMs }) => maxMs);
  const after = delays.slice(Math.ceil(readyMs / 1000)).map(({ maxMs }) => maxMs);
  console.log(
    JSON.stringify({
      database: database === undefined ? 'sqlite' : 'mariadb',
      subscriptions,
      publications,
      readyMs,
      pssMb,
      pssAfterMb: pssOf(service),
      longestPauseInStartMs: Math.max(0, ...inStart),
      longestPauseAfterMs: Math.max(0, ...after),
    }),
  );
  await service.end();
} finally {
  await place.close();
  await database?.stop();
}
