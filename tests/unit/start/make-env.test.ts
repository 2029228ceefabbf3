import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig, readKey } from '#runtime';
import { makeEnv } from '../../support/compose.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-make-env-'));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (name: string): number => statSync(join(folder, name)).mode & 0o777;
const settingsOf = (path: string): NodeJS.Dict<string> => parseEnv(readFileSync(path, 'utf8'));

describe('sh docs/examples/make-env.sh', () => {
  it('writes what docker-compose.yml insists on, for the eyes of its owner only', () => {
    const settings = settingsOf(makeEnv(folder));
    expect(modeOf('.env')).toBe(0o600);
    const wanted = [...readFileSync('docker-compose.yml', 'utf8').matchAll(/\$\{(\w+):\?/g)].map(
      ([, name]) => name ?? '',
    );
    expect(wanted).toContain('PORCHLIGHT_KEY');
    expect(wanted.filter((name) => !settings[name])).toEqual([]);
    const config = readConfig(settings);
    expect(readKey(config)).toHaveLength(32);
    expect(config).toMatchObject({ domain: 'example.com', advertise: '127.0.0.1' });
  });

  it('secrets are long, and others each time', () => {
    const names = ['PORCHLIGHT_KEY', 'MYSQL_PASSWORD', 'MYSQL_ROOT_PASSWORD'] as const;
    const first = settingsOf(makeEnv(folder));
    rmSync(join(folder, '.env'));
    const second = settingsOf(makeEnv(folder));
    const secrets = [first, second].flatMap((settings) => names.map((name) => settings[name] ?? ''));
    expect(new Set(secrets).size).toBe(6);
    for (const secret of secrets) expect(secret.length).toBeGreaterThanOrEqual(44);
  });

  it('never touches an .env that is there: it holds the key to a database', () => {
    const before = readFileSync(makeEnv(folder), 'utf8');
    const { status, stderr } = spawnSync('sh', [join(folder, 'docs/examples/make-env.sh')], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^there is an \.env already.*\n$/)]);
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe(before);
  });

  it('--files: the secrets are in files in a folder for its owner only, and nothing in .env opens anything', () => {
    const path = makeEnv(folder, undefined, '--files');
    const settings = settingsOf(path);
    expect([modeOf('secrets'), modeOf('secrets/porchlight_key')]).toEqual([0o700, 0o444]);
    const secretOf = (name: string): string => readFileSync(join(folder, 'secrets', name), 'utf8');
    for (const name of ['porchlight_key', 'mysql_password', 'mysql_root_password']) {
      expect(secretOf(name).length).toBeGreaterThanOrEqual(44);
      expect(readFileSync(path, 'utf8')).not.toContain(secretOf(name));
    }
    expect(settings['COMPOSE_FILE']).toBe('docker-compose.yml:docs/examples/secrets.yml');
    expect(() => readConfig(settings)).toThrow(/PORCHLIGHT_KEY/);
    expect(existsSync(join(folder, '.env'))).toBe(true);
  });
});
