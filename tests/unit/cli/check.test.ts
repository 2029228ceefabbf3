import { describe, expect, it } from 'vitest';
import { type Config, ConfigError, readConfig } from '#runtime';
import { type DatabaseReport, StoreUnavailable } from '#store';
import type { Surroundings } from '../../../services/cli/check.ts';
import { makeDeps, run } from './world.ts';

const SETTINGS = { SIP_DOMAIN: 'example.com', SIP_LISTEN: 'udp:0.0.0.0:5060', SIP_ADVERTISE: '192.0.2.1' };
const REPORT: DatabaseReport = {
  server: 'SQLite 3.45.1',
  aheadMs: 3,
  durability: [],
  migrations: { applied: ['1_init'], missing: [], failed: [], changed: [], unknown: [] },
};

/** A machine on which everything is right, but for what is given. */
function machine(given: Partial<Surroundings> = {}, settings: Partial<typeof SETTINGS> = {}): Surroundings {
  return {
    config: (): Config => readConfig({ ...SETTINGS, ...settings }),
    key: () => undefined,
    database: async () => REPORT,
    unopened: async () => undefined,
    service: async () => 'here',
    answers: async () => true,
    listen: async () => undefined,
    addresses: async () => ['192.0.2.1'],
    servers: async () => [],
    ownAddresses: () => ['192.0.2.1'],
    isContainer: () => false,
    ...given,
  };
}

const checked = (surroundings: Surroundings) => run(makeDeps(), ['check'], { surroundings });

describe('porchlight check', () => {
  it('where everything is right it says so, with status 0', async () => {
    const { status, out } = await checked(machine());
    expect(status).toBe(0);
    expect(out).toContain('Nothing is wrong; 0 warnings');
    expect(out).not.toMatch(/^(WRONG|warning) /m);
  });

  it('--json lists every finding', async () => {
    const { out } = await run(makeDeps(), ['check', '--json'], { surroundings: machine() });
    const { wrong, findings } = JSON.parse(out) as { wrong: number; findings: { about: string }[] };
    expect(wrong).toBe(0);
    expect(findings.map(({ about }) => about)).toEqual([
      'settings',
      'key',
      'database',
      'migrations',
      'durability',
      'clock',
      'udp port 5060',
      'DNS of example.com',
      'SIP_ADVERTISE',
    ]);
  });

  it('settings of the database with which a crash takes what was answered are a warning', async () => {
    const durability = ['innodb_flush_log_at_trx_commit is 2: set it to 1'];
    const { status, out } = await checked(machine({ database: async () => ({ ...REPORT, durability }) }));
    expect(status).toBe(0);
    expect(out).toMatch(/^warning +durability: innodb_flush_log_at_trx_commit is 2: set it to 1$/m);
  });

  const failing = (fault: Error) => () => Promise.reject(fault);
  const migrations = (given: Partial<DatabaseReport['migrations']>) => async () => ({
    ...REPORT,
    migrations: { ...REPORT.migrations, ...given },
  });

  it.each<[string, Partial<Surroundings>, RegExp]>([
    [
      'a wrong setting',
      {
        config() {
          throw new ConfigError("SIP_LISTEN: 'x' is not udp:ADDRESS:PORT");
        },
      },
      /settings: SIP_LISTEN: 'x'/,
    ],
    [
      'a key that others may read',
      {
        key() {
          throw new ConfigError('key file /data/key: others may read it');
        },
      },
      /key: key file \/data\/key: others/,
    ],
    [
      'a key of another installation',
      { unopened: async () => 'alice (realm example.com)' },
      /password of alice \(realm/,
    ],
    ['a database that is away', { database: failing(new StoreUnavailable('no route\nstack')) }, /database: no route$/m],
    ['a missing migration', { database: migrations({ missing: ['2_more'] }) }, /migrations: not applied yet: 2_more/],
    ['a failed migration', { database: migrations({ failed: ['2_more'] }) }, /2_more failed half-way/],
    ['a changed migration', { database: migrations({ changed: ['1_init'] }) }, /1_init was changed/],
    ['a later version’s database', { database: migrations({ unknown: ['9_later'] }) }, /later version \(9_later\)/],
    [
      'a database with another time',
      { database: async () => ({ ...REPORT, aheadMs: -5000 }) },
      /5 s behind this machine/,
    ],
    ['a service that does not answer', { answers: async () => false }, /runs, but does not answer on 0\.0\.0\.0/],
    [
      'a taken port',
      { service: async () => undefined, listen: failing(new ConfigError('taken by another program')) },
      /udp port 5060: taken by another program/,
    ],
    ['an advertised name without an address', { addresses: failing(new Error('ENOTFOUND')) }, /has no address/],
  ])('%s is wrong, in words, with status 1', async (_what, given, words) => {
    const { status, out } = await checked(machine(given));
    expect(status).toBe(1);
    expect(out.split('\n').filter((line) => line.startsWith('WRONG'))).toHaveLength(1);
    expect(out).toMatch(words);
  });

  it.each<[string, Partial<Surroundings>, Partial<typeof SETTINGS>, RegExp]>([
    [
      'a domain that DNS does not know',
      { addresses: async (host) => (host === '192.0.2.1' ? [host] : []) },
      {},
      /not found/,
    ],
    [
      'a domain that is elsewhere',
      { addresses: async (host) => [host === 'example.com' ? '198.51.100.7' : host] },
      {},
      /198\.51\.100\.7 is not this machine/,
    ],
    ['a container that tells its own address', { isContainer: () => true }, { SIP_ADVERTISE: '' }, /this container/],
  ])('%s is a warning, with status 0', async (_what, given, settings, words) => {
    const { status, out } = await checked(machine(given, settings));
    expect(status).toBe(0);
    expect(out.split('\n').filter((line) => line.startsWith('warning'))).toHaveLength(1);
    expect(out).toMatch(words);
  });
});
