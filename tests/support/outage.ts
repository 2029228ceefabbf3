/**
 * The database goes away under load and comes back, with the real service in between: what was acknowledged is there
 * afterwards, the rest was refused, nobody has to act. Used by a test for seconds and by bench/load/outage.ts for a minute.
 */
import { readFileSync } from 'node:fs';
import type { Subject } from '#model';
import { type Load, type LoadCounts, openLoad } from './load-peer.ts';
import type { PrivateMariaDb } from './mariadb.ts';
import { aor, eventually, openPlace, type Place, type Running, uri, within } from './processes.ts';

export interface OutageOptions {
  readonly database: PrivateMariaDb;
  /** `shutDown`: an administrator stops it. `kill`: kill -9, a power cut. */
  readonly how: 'shutDown' | 'kill';
  readonly awayMs: number;
  /** Load before the outage, and after it. */
  readonly aroundMs: number;
  readonly users: number;
  readonly perSecond: number;
  /** Told as it goes on. */
  readonly say?: (line: string) => void;
}

export interface OutageReport {
  readonly counts: LoadCounts;
  /** What a server must never do, in words; empty. */
  readonly faults: readonly string[];
  /** From the database's end to the first 503, and from its return to the first 200; ms. */
  readonly firstRefusalMs: number | undefined;
  readonly firstSuccessMs: number | undefined;
  /** From a rule's commit after the outage to its NOTIFY: the journal is heard again; ms. */
  readonly ruleHeardMs: number;
  /** Of the service's process, in MB: before the outage, at the most, at the end. */
  readonly memory: { readonly before: number; readonly most: number; readonly after: number };
  /** Publications and subscriptions that were compared with what was acknowledged last. */
  readonly compared: { readonly publications: number; readonly subscriptions: number };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resident memory of a process, MB (Linux). */
function memoryOf(pid: number): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Math.round(Number(found?.[1] ?? 0) / 1024);
}

let runs = 0;

export async function runOutage(options: OutageOptions): Promise<OutageReport> {
  const { database, how, awayMs, aroundMs, perSecond, say = () => undefined } = options;
  runs += 1;
  const settings = { DATABASE_URL: database.url(`outage${runs}`), DEFAULT_PERMISSION: 'allow' };
  const place = await openPlace(settings);
  const users = Array.from({ length: options.users }, (_, index) => `u${index}`);
  let load: Load | undefined;
  try {
    await place.addUsers(...users);
    const service = await place.startSip();
    load = await openLoad({ server: place.server, users, perSecond });
    return await run(place, service, load);
  } finally {
    await load?.pause();
    await place.close();
    await load?.close();
  }

  async function run(place: Place, service: Running, load: Load): Promise<OutageReport> {
    let most = 0;
    const watchMemory = setInterval(() => {
      most = Math.max(most, memoryOf(service.pid));
    }, 250);
    void service.ended.then(() => clearInterval(watchMemory));
    load.start();
    await pause(aroundMs);
    const before = memoryOf(service.pid);

    const wentAt = performance.now();
    await database[how]();
    say(`the database is away (${how})`);
    await pause(awayMs - (performance.now() - wentAt));
    // What these were told last must stand as it was told: nothing follows that could put it right.
    load.rest(users.filter((_, index) => index % 2 === 0));
    await database.restart();
    const cameAt = performance.now();
    say(`the database is back after ${Math.round(cameAt - wentAt)} ms`);
    await pause(aroundMs);
    await within(load.pause(), 'the last answers', 40_000);
    const after = memoryOf(service.pid);
    clearInterval(watchMemory);

    const compared = await compareAll(place, load);
    const ruleHeardMs = await block(place, load);
    const faults = [...load.faults, ...(await faultsOf(service))];
    const since = (moment: number, status: number): number | undefined => {
      const at = load.firstAfter(moment, status);
      return at === undefined ? undefined : Math.round(at - moment);
    };
    return {
      counts: load.counts,
      faults,
      firstRefusalMs: since(wentAt, 503),
      firstSuccessMs: since(cameAt, 200),
      ruleHeardMs,
      memory: { before, most, after },
      compared,
    };
  }
}

/** What stands, against what was acknowledged last; what is in doubt is taken back within seconds. */
async function compareAll(place: Place, load: Load): Promise<OutageReport['compared']> {
  let differences: readonly string[] = [];
  await eventually('what stands is what was acknowledged', async () => {
    differences = [...(await differencesOfPublications(place, load)), ...(await differencesOfWatches(place, load))];
    return differences.length === 0 || undefined;
  }).catch((fault: Error) => {
    throw new Error(`${fault.message}:\n${differences.slice(0, 20).join('\n')}`);
  });
  const publications = load.devices.filter(({ etag }) => etag !== undefined).length;
  return { publications, subscriptions: load.watches.filter(({ isLive }) => isLive).length };
}

async function differencesOfPublications({ store }: Place, { devices }: Load): Promise<readonly string[]> {
  const different: string[] = [];
  for (const { user, etag, note } of devices) {
    const rows = await store.publications.of(aor(user), Date.now());
    const stands = rows.map((row) => `${row.etag} ${noteOf(row.body)}`).join(', ');
    const told = etag === undefined ? '' : `${etag} ${note}`;
    if (stands !== told) different.push(`${user}: acknowledged “${told}”, there is “${stands}”`);
  }
  return different;
}

const noteOf = (body: Uint8Array): string => /<note>([^<]*)</.exec(Buffer.from(body).toString())?.[1] ?? '';

async function differencesOfWatches({ store }: Place, { devices, watches }: Load): Promise<readonly string[]> {
  const different: string[] = [];
  for (const { user, owner, callId, isLive, mayHaveEnded, note, state } of watches) {
    const rows = await store.subscriptions.of(aor(owner), Date.now());
    const stands = rows.map(({ dialog }) => dialog.callId).join(', ');
    // Who asked for the end in vain and rests since then has not learnt yet that it came.
    if (mayHaveEnded && stands === '') continue;
    const told = isLive ? callId : '';
    if (stands !== told) different.push(`${user} watches ${owner}: acknowledged “${told}”, there is “${stands}”`);
    if (!isLive) continue;
    const published = devices.find((device) => device.user === owner)?.note;
    if (!state.startsWith('active') || note !== published)
      different.push(`${user} watches ${owner}: was told ${state} “${note}”, it is “${published}”`);
  }
  return different;
}

/** @returns how long it took until the NOTIFY of the block was there, ms. */
async function block({ store }: Place, load: Load): Promise<number> {
  const watch = load.watches.find(({ isLive }) => isLive);
  if (watch === undefined) throw new Error('nobody watches');
  const { user, owner } = watch;
  await store.rules.set({ owner: aor(owner), subject: uri(user) as Subject, event: 'presence', permission: 'block' });
  const blockedAt = performance.now();
  await eventually('the NOTIFY of a rule', async () => /^terminated;reason=rejected/.test(watch.state) || undefined);
  return Math.round(performance.now() - blockedAt);
}

/** What the service said of itself that it must not, and whether it is still the same and ends as it is asked to. */
async function faultsOf(service: Running): Promise<readonly string[]> {
  const errors = service.lines
    .map(({ text }) => text)
    .filter((text) => /"level":(50|60)|[Uu]nhandled|^\s+at /.test(text));
  // The one error that an outage is: said once.
  const strange = errors.filter((text) => !text.includes('the lease could not be renewed in time'));
  const { status } = await service.end();
  return [...strange, ...(status === 0 ? [] : [`the service ended with ${status}`])];
}
