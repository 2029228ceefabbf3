/**
 * Five hundred open pages, and ten thousand watchers of one presentity: what the portal's process spends while nothing
 * happens, how long a page waits for news, and how long the page of watchers takes.
 *
 *   node --import tsx --conditions=source bench/load/open-pages.ts [pages] [watchers]
 */
import { request } from 'node:http';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Aor, type EntityTag, makeDomains, makeRealms } from '#model';
import { writeStatus } from '#packages';
import { makeRandom, silentLog, systemClock } from '#runtime';
import { migrate, openSecrets, openStore } from '#store';
import { buildApp } from '../../web/app.ts';

const PAGES = Number(process.argv[2] ?? 500);
const WATCHERS = Number(process.argv[3] ?? 10_000);
const DOMAIN = 'example.com';
const QUIET_MS = 10_000;

const aor = (name: string): Aor => `sip:${name}@${DOMAIN}` as Aor;
const pause = (ms: number) => new Promise<void>((resolve) => systemClock.after(ms, resolve));
const folder = mkdtempSync(join(tmpdir(), 'porchlight-pages-'));
const databaseUrl = `file:${join(folder, 'porchlight.db')}`;
await migrate(databaseUrl, { log: silentLog });
const store = await openStore(databaseUrl, { clock: systemClock, log: silentLog });
const domains = makeDomains([DOMAIN], []);
const app = buildApp({
  store,
  secrets: openSecrets(new Uint8Array(32).fill(9)),
  clock: systemClock,
  random: makeRandom(),
  log: silentLog,
  domains,
  realms: makeRealms(domains, DOMAIN),
  defaultPermission: 'allow',
  defaultRegistration: 'open',
  phone: { advertised: undefined, listens: '0.0.0.0', candidates: [], port: 5060, transport: 'UDP' },
  proxies: [],
  url: undefined,
});
const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));

/** Ten pages each; alice, whom everybody watches, is the first. */
const users = Array.from({ length: Math.ceil(PAGES / 10) }, (_, index) => (index === 0 ? 'alice' : `user${index}`));
const now = Date.now();
await store.accounts.createMany(
  users.map((username) => ({
    aor: aor(username),
    username,
    domain: DOMAIN,
    passwordHash: undefined,
    credentials: [],
    createdAt: now,
  })),
);
const cookies = new Map<string, string>();
for (const user of users) {
  const secret = user.padEnd(43, 'x');
  await store.sessions.create({
    idHash: createHash('sha256').update(secret).digest('hex'),
    aor: aor(user),
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + 3_600_000,
    userAgent: '',
    address: '',
  });
  cookies.set(user, `porchlight=${secret}`);
}
await Promise.all(
  Array.from({ length: WATCHERS }, (_, index) => {
    const id = `w${index}`.padEnd(22, 'x');
    const dialog = { callId: id, localTag: 'l', remoteTag: 'r', localUri: aor('alice'), remoteUri: aor(id), routeSet: [] };
    const subscription = {
      id,
      presentity: aor('alice'),
      event: 'presence',
      eventId: '',
      watcher: aor(`watcher${index}`),
      state: 'active' as const,
      cause: 'subscribe' as const,
      permission: 'allow' as const,
      contentType: 'application/pidf+xml',
      createdAt: now - index,
      expiresAt: now + 3_600_000,
      userAgent: 'bench',
      dialog: { ...dialog, remoteTarget: 'sip:192.0.2.9', remoteCseq: 1, flow: 'udp:192.0.2.9:5060' },
      reservedCseq: 0,
      told: '',
    };
    return store.subscriptions.write({ kind: 'insert', subscription });
  }),
);

let heard: ((at: number) => void) | undefined;
const streams = Array.from({ length: PAGES }, (_, index) => {
  const user = users[index % users.length] ?? 'alice';
  const asked = request(new URL('/live', url), { headers: { cookie: cookies.get(user) ?? '' }, agent: false }, (answer) => {
    answer.on('data', (bytes: Buffer) => {
      if (user === 'alice' && bytes.includes('"home"')) heard?.(performance.now());
    });
  });
  asked.on('error', () => undefined);
  asked.end();
  return asked;
});
await pause(3000);

const cpu = process.cpuUsage();
await pause(QUIET_MS);
const spent = process.cpuUsage(cpu);
const cpuMs = (spent.user + spent.system) / 1000;

const delays: number[] = [];
for (let turn = 0; turn < 10; turn += 1) {
  const told = new Promise<number>((resolve) => {
    heard = resolve;
  });
  const writtenAt = performance.now();
  await store.publications.writeFromOutside(aor('alice'), {
    kind: 'insert',
    publication: {
      id: `p${turn}`.padEnd(22, 'x'),
      presentity: aor('alice'),
      event: 'presence',
      etag: `e${turn}` as EntityTag,
      contentType: 'application/pidf+xml',
      body: writeStatus(aor('alice'), { open: true, activities: [], other: '', note: String(turn) }),
      modifiedAt: Date.now(),
      expiresAt: Date.now() + 600_000,
      publisher: aor('alice'),
      userAgent: 'bench',
    },
  });
  delays.push((await told) - writtenAt);
  await pause(300);
}
const cookie = cookies.get('alice') ?? '';
const draws: number[] = [];
for (let turn = 0; turn < 20; turn += 1) {
  const startedAt = performance.now();
  await (await fetch(new URL('/watchers', url), { headers: { cookie } })).text();
  draws.push(performance.now() - startedAt);
}
const median = (all: number[]): number => all.sort((one, other) => one - other)[Math.floor(all.length / 2)] ?? 0;
console.log(
  JSON.stringify({
    pages: PAGES,
    watchers: WATCHERS,
    idleCpuPercent: Math.round((cpuMs / QUIET_MS) * 1000) / 10,
    newsMedianMs: Math.round(median(delays)),
    newsWorstMs: Math.round(Math.max(...delays)),
    watchersPageMedianMs: Math.round(median(draws)),
    rssMb: Math.round(process.memoryUsage().rss / 2 ** 20),
  }),
);
for (const stream of streams) stream.destroy();
await app.close();
await store.close();
rmSync(folder, { recursive: true, force: true });
