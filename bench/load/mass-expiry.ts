/**
 * Much that ends in the same moment: publications whose watchers are all told, or subscriptions that get their last NOTIFY
 * (RFC 6665 §4.2.2, `timeout`). The watchers are one UDP socket of this process, which answers everything with 200. Says how late the
 * last was told, how many a second, and how late the event loop of the service was at the most:
 *
 *     npm run build && node --import tsx --conditions=source bench/load/mass-expiry.ts
 *       [--presentities 20000] [--watchers 1] [--what publications|subscriptions] [--lasting 0] [--sqlite] [--node=--FLAG …]
 *
 * `--lasting`: so many subscriptions more, which go on.
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startMariaDb } from '../../tests/support/mariadb.ts';
import { openPlace } from '../../tests/support/processes.ts';
import { fill, pausesIn, secondsOf } from './filled.ts';

const { values: options } = parseArgs({
  options: {
    presentities: { type: 'string', default: '20000' },
    watchers: { type: 'string', default: '1' },
    what: { type: 'string', default: 'publications' },
    lasting: { type: 'string', default: '0' },
    sqlite: { type: 'boolean', default: false },
    seconds: { type: 'boolean', default: false },
    node: { type: 'string', multiple: true, default: ['--max-semi-space-size=64'] },
  },
});
const presentities = Number(options.presentities);
const lasting = Number(options.lasting);
const ending = presentities * Number(options.watchers);
const HOUR_MS = 3_600_000;
const WATCH = fileURLToPath(new URL('./watch-loop.mjs', import.meta.url));
/** The first looks after a start go to 2,000 subscriptions a second; what they bring is over, and written down, before anything ends. */
const LOOKED_AT_A_SECOND = 1500;
const BEFORE_MS = Number(process.env['BEFORE_MS'] ?? 55_000);
/** Told within this time, or never. */
const PATIENCE_MS = 60_000;

interface Heard {
  readonly at: number;
  readonly callId: string;
  readonly cseq: string;
}

/** Answers as fast as can be: header fields are cut out, not read. */
async function openWatchers(): Promise<{ readonly port: number; readonly heard: Heard[]; close(): void }> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  socket.setRecvBufferSize(4 * 1024 * 1024);
  const heard: Heard[] = [];
  socket.on('message', (bytes, from) => {
    const text = bytes.toString('latin1');
    const fields = new Map<string, string>();
    for (let start = text.indexOf('\r\n') + 2; ; ) {
      const end = text.indexOf('\r\n', start);
      if (end <= start) break;
      const colon = text.indexOf(':', start);
      fields.set(text.slice(start, colon), text.slice(start, end));
      start = end + 2;
    }
    const of = (name: string): string => `${fields.get(name) ?? ''}\r\n`;
    const answer = `SIP/2.0 200 OK\r\n${of('Via')}${of('From')}${of('To')}${of('Call-ID')}${of('CSeq')}Content-Length: 0\r\n\r\n`;
    socket.send(Buffer.from(answer, 'latin1'), from.port, from.address);
    heard.push({ at: Date.now(), callId: of('Call-ID'), cseq: of('CSeq') });
  });
  return { port: socket.address().port, heard, close: () => void socket.close() };
}

/** CPU of the process so far, ms (Linux: hundredths of a second). */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '').split(' ');
  const [user, system] = fields.slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

const untilAt = (at: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, at - Date.now()));

const database = options.sqlite ? undefined : await startMariaDb();
const watchers = await openWatchers();
const more = { DEFAULT_PERMISSION: 'allow', ...(database && { DATABASE_URL: database.url('expiry') }) };
const place = await openPlace(more);
try {
  const filledFrom = Date.now();
  const total = ending + lasting;
  const endAt = filledFrom + BEFORE_MS + Math.round(total / 15 + total / (LOOKED_AT_A_SECOND / 1000));
  const later = endAt + HOUR_MS;
  const isPublications = options.what === 'publications';
  await fill(place.store, {
    publications: presentities,
    subscriptions: total,
    publicationEndsAt: () => (isPublications ? endAt : later),
    subscriptionEndsAt: (index) => (isPublications || index >= ending ? later : endAt),
    flow: `udp:127.0.0.1:${watchers.port}|${place.settings['SIP_LISTEN']}`,
  });
  const main = fileURLToPath(new URL('../../dist/services/main.js', import.meta.url));
  const service = place.program(process.execPath, [...options.node, '--import', WATCH, main], { env: place.settings });
  while (!service.lines.some(({ text }) => text.includes('SIP service ready'))) {
    if (Date.now() > endAt) throw new Error(`not ready in time: ${service.lines.map(({ text }) => text).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await untilAt(endAt - 1000);
  const toldBefore = watchers.heard.length;
  const cpuBefore = cpuMs(service.pid);
  const expected = isPublications ? total : ending;
  for (let quiet = 0, before = -1; quiet < 20 && Date.now() < endAt + PATIENCE_MS; quiet += 1) {
    await untilAt(Date.now() + 100);
    if (watchers.heard.length !== before || watchers.heard.length - toldBefore < expected) quiet = 0;
    before = watchers.heard.length;
  }
  const cpu = cpuMs(service.pid) - cpuBefore;
  const heard = watchers.heard.slice(toldBefore);
  const first = new Map<string, number>();
  for (const { at, callId, cseq } of heard) if (!first.has(callId + cseq)) first.set(callId + cseq, at);
  const times = [...first.values()].sort((one, other) => one - other);
  const [firstAt = 0, lastAt = 0] = [times[0], times.at(-1)];
  const seconds = secondsOf(service);
  if (options.seconds) for (const second of seconds) console.log(JSON.stringify(second));
  const rows = await left(endAt);
  console.log(
    JSON.stringify({
      database: database === undefined ? 'sqlite' : 'mariadb',
      node: options.node,
      what: options.what,
      ended: isPublications ? presentities : ending,
      watchers: Number(options.watchers),
      lasting,
      toldBefore,
      notifies: first.size,
      missing: expected - first.size,
      sentAgain: heard.length - first.size,
      firstAfterMs: Math.round(firstAt - endAt),
      lastAfterMs: Math.round(lastAt - endAt),
      notifiesASecond: Math.round((first.size * 1000) / Math.max(1, lastAt - endAt)),
      cpuMsPer1000: Math.round((cpu * 10_000) / first.size) / 10,
      rowsLeft: rows,
      pauses: pausesIn(seconds.filter(({ at }) => at > endAt && at < lastAt + 3000)),
    }),
  );
  await service.end();
} finally {
  watchers.close();
  await place.close();
  await database?.stop();
}

/** Rows of what has ended that are there still. */
async function left(before: number): Promise<number> {
  let count = 0;
  for await (const page of options.what === 'publications' ? place.store.publications.all() : place.store.subscriptions.all())
    count += page.filter(({ expiresAt }) => expiresAt <= before).length;
  return count;
}
