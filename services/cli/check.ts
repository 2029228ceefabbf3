import type { Config, ListeningPoint } from '#runtime';
import type { DatabaseReport } from '#store';
import type { Outcome } from './outcome.ts';

/** What was found out about one thing; `wrong` makes the exit status 1. */
export interface Finding {
  readonly about: string;
  readonly verdict: 'ok' | 'warning' | 'wrong';
  readonly words: string;
}

/** What is asked of the machine; tests answer themselves. Everything here may throw: then that is the finding. */
export interface Surroundings {
  /** @throws ConfigError */
  config(): Config;
  /** @throws ConfigError, also where there is none yet. */
  key(config: Config): void;
  /** @throws StoreUnavailable, or what else there is to say. */
  database(config: Config): Promise<DatabaseReport>;
  /** Of an account whose phones cannot log in, since the key does not open what is kept of its password. */
  unopened(config: Config): Promise<string | undefined>;
  /** Where a SIP service holds the role: here, elsewhere; undefined when none does. */
  service(config: Config): Promise<'here' | 'elsewhere' | undefined>;
  /** Whether OPTIONS is answered there. */
  answers(point: ListeningPoint, domain: string): Promise<boolean>;
  /** @throws with the reason why nobody can listen there. */
  listen(point: ListeningPoint): Promise<void>;
  /** Addresses of a host name; empty when it has none. */
  addresses(host: string): Promise<readonly string[]>;
  /** Targets of `_sip._udp` and `_sip._tcp`; empty when there are none. */
  servers(domain: string): Promise<readonly string[]>;
  ownAddresses(): readonly string[];
  isContainer(): boolean;
}

/** Clocks that differ by more make journal rows come late and expiries come early. */
const MOST_SKEW_MS = 2_000;

/** Looks at everything that must be right, and says what is not. Nothing is changed. */
export async function check(around: Surroundings): Promise<Outcome> {
  const findings: Finding[] = [];
  const config = await settled('settings', findings, async () => around.config());
  if (config !== undefined) {
    findings.push({ about: 'settings', verdict: 'ok', words: `SIP_DOMAIN ${config.domains.join(', ')}` });
    const hasKey = await settled('key', findings, () => keyIsThere(around, config), 'there, and for its owner only');
    const report = await settled('database', findings, () => around.database(config));
    if (report !== undefined) findings.push(...ofDatabase(report));
    if (hasKey === true && report !== undefined && report.migrations.missing.length === 0) {
      const unopened = await around.unopened(config).catch(() => undefined);
      if (unopened !== undefined) findings.push(ofUnopened(unopened));
    }
    const service = report === undefined ? undefined : await around.service(config).catch(() => undefined);
    for (const point of config.listen) findings.push(await ofPoint(around, config, point, service));
    for (const domain of config.domains) findings.push(await ofDomain(around, config, domain));
    findings.push(await ofAdvertised(around, config));
  }
  const wrong = findings.filter(({ verdict }) => verdict === 'wrong').length;
  const warnings = findings.filter(({ verdict }) => verdict === 'warning').length;
  const lines = findings.map(({ about, verdict, words }) => `${MARKS[verdict]}  ${about}: ${words}`);
  const warned = `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
  lines.push(wrong === 0 ? `Nothing is wrong; ${warned}` : `${wrong} wrong, ${warned}`);
  return { kind: wrong === 0 ? 'done' : 'partly', lines, value: { wrong, warnings, findings } };
}

const MARKS: Readonly<Record<Finding['verdict'], string>> = { ok: 'ok     ', warning: 'warning', wrong: 'WRONG  ' };

async function keyIsThere(around: Surroundings, config: Config): Promise<true> {
  around.key(config);
  return true;
}

/** A fault is a finding: its first line. */
async function settled<T>(
  about: string,
  findings: Finding[],
  work: () => Promise<T>,
  words?: string,
): Promise<T | undefined> {
  try {
    const found = await work();
    if (words !== undefined) findings.push({ about, verdict: 'ok', words });
    return found;
  } catch (fault) {
    findings.push({ about, verdict: 'wrong', words: wordsOf(fault) });
    return undefined;
  }
}

function wordsOf(fault: unknown): string {
  return (fault instanceof Error ? fault.message : String(fault)).split('\n', 1)[0] ?? '';
}

export function ofDatabase({ server, aheadMs, durability, migrations }: DatabaseReport): readonly Finding[] {
  const skew = Math.round(aheadMs / 100) / 10;
  return [
    { about: 'database', verdict: 'ok', words: server },
    ofMigrations(migrations),
    ...(durability.length === 0
      ? [{ about: 'durability', verdict: 'ok', words: 'what is answered is on the disk' } as const]
      : durability.map((words) => ({ about: 'durability', verdict: 'warning', words }) as const)),
    Math.abs(aheadMs) > MOST_SKEW_MS
      ? {
          about: 'clock',
          verdict: 'wrong',
          words: `the database's clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} this machine's: let both follow NTP`,
        }
      : { about: 'clock', verdict: 'ok', words: 'this machine and the database agree' },
  ];
}

function ofUnopened(account: string): Finding {
  const words = `does not open what is kept of the password of ${account}, and perhaps of others: phones cannot log in; put the right key back, or set passwords anew`;
  return { about: 'key', verdict: 'wrong', words };
}

function ofMigrations({ applied, missing, failed, changed, unknown }: DatabaseReport['migrations']): Finding {
  const about = 'migrations';
  const listed = (names: readonly string[]): string => names.join(', ');
  if (failed.length > 0) {
    return { about, verdict: 'wrong', words: `${listed(failed)} failed half-way: mend the tables by hand first` };
  }
  if (changed.length > 0) {
    return { about, verdict: 'wrong', words: `${listed(changed)} was changed after it was applied` };
  }
  if (unknown.length > 0) {
    return {
      about,
      verdict: 'wrong',
      words: `the database is of a later version (${listed(unknown)}): upgrade Porchlight`,
    };
  }
  if (missing.length > 0) {
    return {
      about,
      verdict: 'wrong',
      words: `not applied yet: ${listed(missing)}; start Porchlight, or its migrate container`,
    };
  }
  return { about, verdict: 'ok', words: `all ${applied.length} are applied` };
}

async function ofPoint(
  around: Surroundings,
  { domain }: Config,
  point: ListeningPoint,
  service: 'here' | 'elsewhere' | undefined,
): Promise<Finding> {
  const about = `${point.transport} port ${point.port}`;
  if (service === 'here') {
    if (await around.answers(point, domain).catch(() => false)) {
      return { about, verdict: 'ok', words: 'the SIP service answers' };
    }
    return { about, verdict: 'wrong', words: `the SIP service runs, but does not answer on ${point.address}` };
  }
  try {
    await around.listen(point);
  } catch (fault) {
    return { about, verdict: 'wrong', words: wordsOf(fault) };
  }
  const where = service === 'elsewhere' ? 'free; the SIP service runs on another host' : 'free; no SIP service runs';
  return { about, verdict: 'ok', words: where };
}

async function ofDomain(around: Surroundings, config: Config, domain: string): Promise<Finding> {
  const about = `DNS of ${domain}`;
  const targets = await around.servers(domain).catch(() => []);
  const hosts = targets.length > 0 ? targets : [domain];
  const found = (await Promise.all(hosts.map((host) => around.addresses(host).catch(() => [])))).flat();
  if (found.length === 0) {
    return { about, verdict: 'warning', words: 'not found: phones need the address of this server as their proxy' };
  }
  const told = config.advertise === undefined ? [] : await around.addresses(hostOf(config.advertise)).catch(() => []);
  const ours = new Set([...around.ownAddresses(), ...told]);
  const words = `${targets.length > 0 ? `SRV ${targets.join(', ')}: ` : ''}${found.join(', ')}`;
  return found.some((address) => ours.has(address))
    ? { about, verdict: 'ok', words }
    : {
        about,
        verdict: 'warning',
        words: `${words} is not this machine: right behind a proxy, else phones go elsewhere`,
      };
}

async function ofAdvertised(around: Surroundings, { advertise }: Config): Promise<Finding> {
  const about = 'SIP_ADVERTISE';
  if (advertise === undefined) {
    return around.isContainer()
      ? {
          about,
          verdict: 'warning',
          words: 'not set: phones outside are told the address of this container, which they cannot reach',
        }
      : { about, verdict: 'ok', words: 'not set: each phone is told the address on the route to it' };
  }
  const found = await around.addresses(hostOf(advertise)).catch(() => []);
  if (found.length === 0)
    return { about, verdict: 'wrong', words: `${advertise} has no address: nobody can answer to it` };
  if (found.some((address) => /^127\.|^::1$/.test(address)) && !/^(127\.|localhost|\[::1\])/.test(advertise)) {
    return { about, verdict: 'warning', words: `${advertise} means this machine only (${found.join(', ')})` };
  }
  return { about, verdict: 'ok', words: `${advertise} (${found.join(', ')})` };
}

function hostOf(advertise: string): string {
  return advertise.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}
