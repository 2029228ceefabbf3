/**
 * kill -9 at random moments under full load, again and again: the SIP service or its MariaDB. After each, every operation
 * that was acknowledged is compared with what is there. Used by a test for a few kills and by bench/load/crash.ts for
 * hundreds.
 */
import { StoreUnavailable } from '#store';
import { type Lane, openCrashLanes } from './crash-lanes.ts';
import type { PrivateMariaDb } from './mariadb.ts';
import { aor, eventually, openPlace, type Place, type Running, within } from './processes.ts';

export interface CrashOptions {
  /** What is killed: the service, on SQLite or MariaDB, or MariaDB under it. */
  readonly what: 'service' | 'mariadb';
  /** Undefined: SQLite. */
  readonly database: PrivateMariaDb | undefined;
  readonly kills: number;
  /** Each gives two requests at a time. */
  readonly users: number;
  /** Of the moments and the requests. */
  readonly seed: number;
  readonly say?: (line: string) => void;
}

export interface CrashReport {
  readonly kills: number;
  readonly acknowledged: number;
  /** Requests that were not acknowledged: unanswered, or answered with 503. */
  readonly inDoubt: number;
  /** Rows that were compared, over all kills. */
  readonly compared: number;
  /** From the start of what was killed until it serves again, ms. */
  readonly longestRestartMs: number;
  /** What must never be, in words; empty. */
  readonly faults: readonly string[];
}

const SHORTEST_MS = 150;
const LONGEST_MS = 1200;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
let runs = 0;

export async function runCrashes(options: CrashOptions): Promise<CrashReport> {
  const { what, database, kills, seed, say = () => undefined } = options;
  runs += 1;
  const url = database?.url(`crash${runs}`);
  const place = await openPlace({ DEFAULT_PERMISSION: 'allow', ...(url === undefined ? {} : { DATABASE_URL: url }) });
  const users = Array.from({ length: options.users }, (_, index) => `u${index}`);
  const load = await openCrashLanes(place.server, users, seed);
  const faults: string[] = [];
  let moment = seed;
  let compared = 0;
  let longestRestartMs = 0;
  try {
    await place.addUsers(...users);
    let service = await place.startSip();
    for (let kill = 1; kill <= kills; kill += 1) {
      load.start();
      moment = (moment * 1_103_515_245 + 12_345) % 2 ** 31;
      await pause(SHORTEST_MS + (moment % (LONGEST_MS - SHORTEST_MS)));
      const restartedAt = what === 'service' ? await killService(service) : await killDatabase();
      if (what === 'service') service = await place.startSip();
      longestRestartMs = Math.max(longestRestartMs, Math.round(performance.now() - restartedAt));
      const found = await compareAll(place, load.lanes, what === 'service');
      compared += found.compared;
      for (const fault of found.faults) {
        faults.push(`kill ${kill}: ${fault}`);
        say(`kill ${kill}: ${fault}`);
      }
      if (kill % 10 === 0) say(`${kill} kills, ${load.acknowledged} acknowledged, ${faults.length} faults`);
    }
    await endQuietly(service);
  } finally {
    await load.stop('abandon');
    await place.close();
    await load.close();
  }
  const { acknowledged, inDoubt } = load;
  return { kills, acknowledged, inDoubt, compared, longestRestartMs, faults: [...faults, ...load.faults] };

  async function killService(service: Running): Promise<number> {
    await service.end('SIGKILL');
    await load.stop('abandon');
    return performance.now();
  }

  /** The service lives on, answers 503 meanwhile, and takes back what it did not acknowledge. */
  async function killDatabase(): Promise<number> {
    if (database === undefined) throw new Error('there is no MariaDB to kill');
    await database.kill();
    await pause(50);
    const restartedAt = performance.now();
    await database.restart();
    await within(load.stop('wait'), 'the last answers', 40_000);
    return restartedAt;
  }

  /** What was in doubt under a killed database is settled in the end: then what stands is what was acknowledged. */
  async function endQuietly(service: Running): Promise<void> {
    load.start();
    await pause(LONGEST_MS);
    await load.stop('wait');
    await eventually('everything is as it was acknowledged', async () =>
      (await compareAll(place, load.lanes, false)).faults.length === 0 ? true : undefined,
    );
    const errors = service.lines.filter(({ text }) => /"level":(50|60)|[Uu]nhandled|^\s+at /.test(text));
    const strange = errors.filter(({ text }) => !text.includes('the lease could not be renewed in time'));
    faults.push(...strange.map(({ text }) => text));
    const { status } = await service.end();
    if (status !== 0) faults.push(`the service ended with ${status}`);
  }
}

/** @param adopt the server began anew with what is in the database. */
async function compareAll(
  { store }: Place,
  lanes: readonly Lane[],
  adopt: boolean,
): Promise<{ readonly compared: number; readonly faults: readonly string[] }> {
  const faults: string[] = [];
  let compared = 0;
  const now = Date.now();
  for (const lane of lanes) {
    const owner = aor(lane.presentity);
    const publications = lane.judgePublications && (await patiently(() => store.publications.of(owner, now)));
    const subscriptions = lane.judgeSubscriptions && (await patiently(() => store.subscriptions.of(owner, now)));
    const fault = lane.judgePublications?.(publications ?? []) ?? lane.judgeSubscriptions?.(subscriptions ?? []);
    if (fault !== undefined) faults.push(fault);
    const rows = publications ?? subscriptions ?? [];
    compared += Math.max(1, rows.length);
    if (adopt) lane.adopt(rows);
  }
  return { compared, faults };
}

/** The eye's own connection may have to wait on a machine that is busy starting a database. */
function patiently<T>(read: () => Promise<T>): Promise<T> {
  return eventually('the rows can be read', async () => {
    try {
      return await read();
    } catch (fault) {
      if (fault instanceof StoreUnavailable) return undefined;
      throw fault;
    }
  });
}
