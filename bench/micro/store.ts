/**
 * How many writes a second the store takes durably, and what one costs in CPU of this process and of the database's.
 *
 *   NODE_OPTIONS=--conditions=source npx tsx bench/micro/store.ts [--seconds 3] [--at-once 8,32,128] [--json FILE] [sqlite] [mariadb] [mysql://…]
 *
 * `--at-once` callers each wait for one write before they give the next, as requests do. SQLite in a temporary folder, a
 * private MariaDB with its defaults (both flush to the disk at every commit), or the database of a URL, which must be one
 * for tests. SQLite works inside this process: its share is in the first column. `flushes` are MariaDB's own count.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Publication, Subscription } from '#model';
import { silentLog, systemClock } from '#runtime';
import { migrate, openStore, type PublicationWrite, type SubscriptionWrite } from '#store';
import { startMariaDb } from '../../tests/support/mariadb.ts';
import { aor, makePublication, makeSubscription, tag } from '../../tests/support/stores.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '3' },
    'at-once': { type: 'string', default: '8,32,128' },
    body: { type: 'string', default: '400' },
    json: { type: 'string' },
  },
});
const ROWS = 5000;
const body = new Uint8Array(Number(options.body)).fill(65);
let tags = 0;
function nextTag() {
  tags += 1;
  return tag(`bench-${process.pid.toString(36)}-${tags.toString(36).padStart(6, '0')}`);
}

interface Server {
  readonly name: string;
  readonly databaseUrl: string;
  readonly pid?: number;
  flushes?(): number;
}

async function measure(server: Server): Promise<void> {
  await migrate(server.databaseUrl, { log: silentLog });
  const store = await openStore(server.databaseUrl, { clock: systemClock, log: silentLog });
  const holder = { name: 'bench', holder: 'bench', host: 'here', pid: process.pid };
  await store.leases.take(holder, await store.leases.read('bench'));
  store.leases.writeAs('bench', 'bench');
  const atOnce = options['at-once'].split(',').map(Number);

  const published: Publication[] = Array.from({ length: ROWS }, (_, index) =>
    makePublication(`bench-of-publication${String(index).padStart(6, '0')}`.slice(-22), {
      presentity: aor(`user${index}`),
      etag: nextTag(),
      body,
    }),
  );
  const subscribed: Subscription[] = Array.from({ length: ROWS }, (_, index) => {
    const { dialog, ...rest } = makeSubscription(`bench-of-subscription${String(index).padStart(6, '0')}`.slice(-22));
    return { ...rest, dialog: { ...dialog, routeSet: [] }, presentity: aor(`user${index}`) };
  });
  const publish = (write: PublicationWrite) => store.publications.write(write);
  const subscribe = (write: SubscriptionWrite) => store.subscriptions.write(write);

  for (const waiting of atOnce) {
    await run('publication insert', waiting, ROWS, (index) =>
      publish({ kind: 'insert', publication: published[index] as Publication }),
    );
    for (const kind of ['replace', 'refresh'] as const) {
      await run(`publication ${kind}`, waiting, undefined, (index) => {
        const before = published[index] as Publication;
        const publication = { ...before, etag: nextTag(), expiresAt: before.expiresAt + 1 };
        published[index] = publication;
        return publish({ kind, expected: before.etag, publication });
      });
    }
    await run('publication remove', waiting, ROWS, (index) => {
      const { id, etag } = published[index] as Publication;
      return publish({ kind: 'remove', expected: etag, id });
    });
    await run('subscription insert', waiting, ROWS, (index) =>
      subscribe({ kind: 'insert', subscription: subscribed[index] as Subscription }),
    );
    await run('subscription refresh', waiting, undefined, (index) => {
      const before = subscribed[index] as Subscription;
      const dialog = { ...before.dialog, remoteCseq: before.dialog.remoteCseq + 1 };
      const subscription = { ...before, expiresAt: before.expiresAt + 1000, dialog };
      subscribed[index] = subscription;
      return subscribe({ kind: 'update', subscription, before });
    });
    await run('subscription remove', waiting, ROWS, (index) =>
      subscribe({ kind: 'remove', id: (subscribed[index] as Subscription).id }),
    );
  }
  await store.close();

  /** @param most rows; undefined: round and round, until the time is over. */
  async function run(
    what: string,
    waiting: number,
    most: number | undefined,
    write: (index: number) => Promise<string>,
  ): Promise<void> {
    const end = systemClock.now() + Number(options.seconds) * 1000;
    const before = {
      cpu: process.cpuUsage(),
      server: serverCpuMs(server),
      flushes: server.flushes?.(),
      at: performance.now(),
    };
    let given = 0;
    const lane = async (): Promise<void> => {
      while (most === undefined ? systemClock.now() < end : given < most) {
        const index = given % ROWS;
        given += 1;
        const outcome = await write(index);
        if (outcome !== 'written') throw new Error(`${what}: ${outcome}`);
      }
    };
    await Promise.all(Array.from({ length: waiting }, lane));
    const seconds = (performance.now() - before.at) / 1000;
    const { user, system } = process.cpuUsage(before.cpu);
    const row = {
      database: server.name,
      what,
      atOnce: waiting,
      rows: given,
      rowsPerSecond: Math.round(given / seconds),
      cpuUsPerRow: Math.round(((user + system) / given) * 10) / 10,
      serverCpuUsPerRow:
        server.pid === undefined
          ? undefined
          : Math.round(((serverCpuMs(server) - before.server) * 10_000) / given) / 10,
      rowsPerFlush:
        before.flushes === undefined
          ? undefined
          : Math.round((given * 10) / ((server.flushes?.() ?? 0) - before.flushes)) / 10,
    };
    console.log(
      Object.entries(row)
        .map(([name, value]) => (value === undefined ? '' : `${name} ${value}`))
        .join('\t'),
    );
    if (options.json !== undefined) appendFileSync(options.json, `${JSON.stringify(row)}\n`);
  }
}

/** User and system time of the database's process, in ms; ticks are of 10 ms. */
function serverCpuMs({ pid }: Server): number {
  if (pid === undefined) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

for (const name of positionals.length > 0 ? positionals : ['sqlite', 'mariadb']) {
  if (name === 'sqlite') {
    const folder = mkdtempSync(join(tmpdir(), 'porchlight-bench-'));
    await measure({ name, databaseUrl: `file:${join(folder, 'bench.db')}` });
    rmSync(folder, { recursive: true, force: true });
  } else if (name === 'mariadb') {
    const server = await startMariaDb();
    const flushes = () => Number(server.read("SHOW GLOBAL STATUS LIKE 'Innodb_data_fsyncs'")[0]?.[1]);
    await measure({ name, databaseUrl: server.url('bench'), pid: server.pid, flushes });
    await server.stop();
  } else await measure({ name: 'mysql', databaseUrl: name });
}
