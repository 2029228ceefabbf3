import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, readHostPort, settingTexts } from '#runtime';

function lineFor(environment: Record<string, string>): string {
  try {
    readConfig(environment);
  } catch (fault) {
    expect(fault).toBeInstanceOf(ConfigError);
    return (fault as ConfigError).message;
  }
  return 'no error';
}

describe('configuration', () => {
  it('nothing set: every setting has a usual value', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      realm: undefined,
      listen: [
        { transport: 'udp', address: '0.0.0.0', port: 5060 },
        { transport: 'tcp', address: '0.0.0.0', port: 5060 },
      ],
      advertise: undefined,
      databaseUrl: `file:${resolve('data/porchlight.db')}`,
      dataDir: resolve('data'),
      defaultPermission: 'confirm',
      defaultRegistration: 'open',
      notifyPaceMs: undefined,
      logLevel: 'info',
    });
    expect(config.domain).not.toBe('');
    expect(config.aliases).toEqual(expect.arrayContaining(['localhost', '127.0.0.1', '[::1]']));
  });

  it('an empty value is an unset one', () => {
    expect(readConfig({ SIP_DOMAIN: '', SIP_LISTEN: '', LOG_LEVEL: '' })).toEqual(readConfig({}));
  });

  it('every setting is read', () => {
    expect(
      readConfig({
        SIP_DOMAIN: 'Example.COM, example.net',
        SIP_ALIASES: 'pbx.example.com, 192.0.2.1,[2001:db8::1]',
        SIP_REALM: 'Our house',
        SIP_LISTEN: 'udp:192.0.2.1:5070,udp:[::]:5060, tcp:[2001:db8::1]:5060,tcp:localhost:0',
        SIP_ADVERTISE: '203.0.113.9:5066',
        SIP_TRUSTED: '192.0.2.7, 2001:db8::/32',
        DIGEST_ALGORITHMS: 'md5, SHA-256',
        DIGEST_QOP: 'auth,auth-int',
        DATABASE_URL: 'mariadb://porch:p%40ss@db:3306/porchlight?connectTimeout=1000',
        DATA_DIR: '/var/lib/porchlight',
        DEFAULT_PERMISSION: 'polite-block',
        DEFAULT_REGISTRATION: 'invitation',
        NOTIFY_PACE: '2.5',
        NOTIFY_TIMEOUTS: '3',
        ACCOUNT_RATE: '50',
        SOURCE_RATE: '0',
        LOG_LEVEL: 'debug',
      }),
    ).toEqual({
      domain: 'example.com',
      domains: ['example.com', 'example.net'],
      aliases: ['pbx.example.com', '192.0.2.1', '[2001:db8::1]'],
      realm: 'Our house',
      listen: [
        { transport: 'udp', address: '192.0.2.1', port: 5070 },
        { transport: 'udp', address: '::', port: 5060 },
        { transport: 'tcp', address: '2001:db8::1', port: 5060 },
        { transport: 'tcp', address: 'localhost', port: 0 },
      ],
      advertise: '203.0.113.9:5066',
      trusted: ['192.0.2.7', '2001:db8::/32'],
      digestAlgorithms: ['SHA-256', 'MD5'],
      digestQop: 'auth,auth-int',
      databaseUrl: 'mysql://porch:p%40ss@db:3306/porchlight?connectTimeout=1000',
      dataDir: '/var/lib/porchlight',
      defaultPermission: 'polite-block',
      defaultRegistration: 'invitation',
      notifyPaceMs: 2500,
      notifyTimeouts: 3,
      accountRate: 50,
      sourceRate: 0,
      logLevel: 'debug',
    });
  });

  it('a file: URL is relative to the working directory', () => {
    expect(readConfig({ DATABASE_URL: 'file:./some/porch.db' }).databaseUrl).toBe(`file:${resolve('some/porch.db')}`);
    expect(readConfig({ DATABASE_URL: 'file:///srv/porch.db' }).databaseUrl).toBe('file:/srv/porch.db');
  });

  it('the password of the database may come by itself, from the environment or a file, without the encoding of a URL', () => {
    const folder = mkdtempSync(join(tmpdir(), 'porchlight-config-'));
    const path = join(folder, 'password');
    writeFileSync(path, "p@ss/w:rd %41'\n");
    const passwordOf = (settings: Record<string, string>): string =>
      decodeURIComponent(new URL(readConfig(settings).databaseUrl).password);
    try {
      const DATABASE_URL = 'mysql://porch@db:3306/porchlight?ssl=true';
      expect(passwordOf({ DATABASE_URL, DATABASE_PASSWORD_FILE: path })).toBe("p@ss/w:rd %41'");
      expect(passwordOf({ DATABASE_URL, DATABASE_PASSWORD: 'of the setting', DATABASE_PASSWORD_FILE: path })).toBe(
        'of the setting',
      );
      expect(passwordOf({ DATABASE_URL: 'mysql://porch:in-the-url@db/porchlight' })).toBe('in-the-url');
      expect(readConfig({ DATABASE_URL, DATABASE_PASSWORD: 'x' }).databaseUrl).toBe(
        'mysql://porch:x@db:3306/porchlight?ssl=true',
      );
      expect(readConfig({ DATABASE_URL: 'file:/srv/porch.db', DATABASE_PASSWORD: 'x' }).databaseUrl).toBe(
        'file:/srv/porch.db',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(lineFor({ DATABASE_PASSWORD_FILE: path })).toBe(`DATABASE_PASSWORD_FILE: '${path}' cannot be read (ENOENT)`);
  });

  it('a pace of 0 is none, not the package’s', () => {
    expect(readConfig({ NOTIFY_PACE: '0' }).notifyPaceMs).toBe(0);
  });

  it.each([
    ['SIP_DOMAIN', 'exa mple.com'],
    ['SIP_DOMAIN', 'sip:example.com'],
    ['SIP_DOMAIN', 'example.com:5060'],
    ['SIP_DOMAIN', 'a..b'],
    ['SIP_DOMAIN', '300.1.1.1'],
    ['SIP_DOMAIN', '[::zz]'],
    ['SIP_DOMAIN', 'a'.repeat(191)],
    ['SIP_ALIASES', 'pbx.example.com,not a name'],
    ['SIP_ALIASES', '2001:db8::1'],
    ['SIP_REALM', 'our "house"'],
    ['SIP_REALM', 'our\nhouse'],
    ['SIP_REALM', 'x'.repeat(191)],
    ['SIP_LISTEN', '5060'],
    ['SIP_LISTEN', 'tls:0.0.0.0:5061'],
    ['SIP_LISTEN', 'TCP:0.0.0.0:5060'],
    ['SIP_LISTEN', 'tcp:2001:db8::1:5060'],
    ['SIP_LISTEN', 'udp:0.0.0.0'],
    ['SIP_LISTEN', 'udp:0.0.0.0:70000'],
    ['SIP_LISTEN', 'udp:999.0.0.1:5060'],
    ['SIP_LISTEN', 'udp:::5060'],
    ['SIP_LISTEN', 'udp:0.0.0.0:5060,nonsense'],
    ['SIP_LISTEN', ' , '],
    ['SIP_ADVERTISE', 'sip:host'],
    ['SIP_ADVERTISE', 'host:99999'],
    ['SIP_ADVERTISE', '-'],
    ['SIP_TRUSTED', 'proxy.example.com'],
    ['DIGEST_ALGORITHMS', 'MD5,SHA-1'],
    ['DIGEST_ALGORITHMS', ','],
    ['DIGEST_ALGORITHMS', 'by-client,MD5'],
    ['DIGEST_QOP', 'auth-int'],
    ['SIP_TRUSTED', '192.0.2.0/33'],
    ['SIP_TRUSTED', '192.0.2.0/24/8'],
    ['DATABASE_URL', 'postgres://porch@db/porchlight'],
    ['DATABASE_URL', 'mysql:porchlight'],
    ['DATABASE_URL', 'mysql://db:3306'],
    ['DATABASE_URL', 'file:'],
    ['DEFAULT_PERMISSION', 'maybe'],
    ['DEFAULT_REGISTRATION', 'sometimes'],
    ['NOTIFY_PACE', '-1'],
    ['NOTIFY_PACE', 'five'],
    ['NOTIFY_PACE', '5s'],
    ['NOTIFY_TIMEOUTS', '0'],
    ['ACCOUNT_RATE', '-1'],
    ['SOURCE_RATE', '10/s'],
    ['NOTIFY_TIMEOUTS', '11'],
    ['NOTIFY_TIMEOUTS', 'many'],
    ['LOG_LEVEL', 'loud'],
  ])('%s=%j is one clear line that names it', (name, value) => {
    const line = lineFor({ [name]: value });
    expect(line).toMatch(new RegExp(`^${name}: `));
    expect(line).not.toContain('\n');
    expect(line).toMatch(/ (is|must|names) /);
  });

  it('a wrong database URL is named without its password', () => {
    const line = lineFor({ DATABASE_URL: 'mysq://porch:s3cr@t@db:3306/porchlight?password=hidden' });
    expect(line).toMatch(/^DATABASE_URL: /);
    expect(line).not.toMatch(/s3cr|hidden|@t@/);
    expect(line).toContain('db:3306/porchlight');
  });

  it('an address and port can be read for other listeners too, under their own name', () => {
    expect(readHostPort('WEB_LISTEN', '[::1]:8080')).toEqual({ address: '::1', port: 8080 });
    expect(readHostPort('WEB_LISTEN', 'localhost:0')).toEqual({ address: 'localhost', port: 0 });
    expect(() => readHostPort('WEB_LISTEN', '8080')).toThrow(/^WEB_LISTEN: '8080' is not ADDRESS:PORT$/);
  });

  it('every setting has its text', () => {
    for (const { name, shape, usual, about } of settingTexts)
      expect([name, shape, usual, about].every((text) => text !== '')).toBe(true);
    expect(settingTexts.map((text) => text.name)).toEqual(
      expect.arrayContaining(['SIP_DOMAIN', 'SIP_ALIASES', 'SIP_REALM', 'SIP_LISTEN', 'SIP_ADVERTISE', 'WEB_LISTEN']),
    );
  });
});
