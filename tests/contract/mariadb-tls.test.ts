import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, readConfig, silentLog } from '#runtime';
import { inspectDatabase, migrate, openStore, StoreUnavailable } from '#store';
import { type Authority, makeAuthority } from '../support/certificates.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { mariadbInstalled, type PrivateMariaDb, startMariaDb } from '../support/mariadb.ts';
import { freePort } from '../support/ports.ts';
import { toolsInstalled } from '../support/processes.ts';

const hasOpenssl = toolsInstalled('TLS to the database', [{ program: 'openssl', package: 'openssl' }]);
const folder = mkdtempSync(join(tmpdir(), 'porchlight-tls-'));
const authority = (name: string): Authority =>
  hasOpenssl ? makeAuthority(folder, name) : { certificate: '', issue: () => ({ certificate: '', key: '' }) };
const ours = authority('ours');
const other = authority('other');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PASSWORD = 'quiet-lamp';

/** The one line of the refusal. */
async function refusal(settings: Readonly<Record<string, string>>): Promise<string> {
  const fault: unknown = await inspectDatabase(readConfig(settings).databaseUrl).then(
    () => new Error('it was let in'),
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(StoreUnavailable);
  const { message } = fault as Error;
  expect(message).not.toContain('\n');
  expect(message).not.toContain(PASSWORD);
  return message;
}

describe.skipIf(!hasOpenssl || !mariadbInstalled('TLS to MariaDB'))(
  'A MariaDB that asks for TLS (require_secure_transport)',
  () => {
    let server: PrivateMariaDb;
    let port: number;
    const url = (host = '127.0.0.1', options = ''): string =>
      `mysql://porch:${PASSWORD}@${host}:${port}/porchlight${options}`;

    beforeAll(async () => {
      port = await freePort();
      const { certificate, key } = ours.issue('db', 'IP:127.0.0.1');
      server = await startMariaDb([
        '--bind-address=127.0.0.1',
        `--port=${port}`,
        '--require-secure-transport=ON',
        `--ssl-cert=${certificate}`,
        `--ssl-key=${key}`,
      ]);
      server.url('porchlight');
      server.run(`CREATE USER porch IDENTIFIED BY '${PASSWORD}'; GRANT ALL ON porchlight.* TO porch`);
      server.run(`DROP USER IF EXISTS ''@'localhost'`);
    }, 60_000);
    afterAll(() => server.stop());

    it('works with the authority that signed its certificate', async () => {
      const { databaseUrl } = readConfig({ DATABASE_URL: url(), DATABASE_CA_FILE: ours.certificate });
      await migrate(databaseUrl, { log: silentLog });
      const store = await openStore(databaseUrl, { clock: makeFakeClock(), log: silentLog });
      expect((await inspectDatabase(databaseUrl)).migrations.missing).toEqual([]);
      await store.close();
    });

    it('is refused with another authority', async () => {
      const line = await refusal({ DATABASE_URL: url(), DATABASE_CA_FILE: other.certificate });
      expect(line).toMatch(/certificate/);
    });

    it('is refused with the authorities that Node knows: ours is none of them', async () => {
      expect(await refusal({ DATABASE_URL: url('127.0.0.1', '?ssl=true') })).toMatch(/certificate/);
    });

    it('is refused under a name that its certificate is not for', async () => {
      const line = await refusal({ DATABASE_URL: url('localhost'), DATABASE_CA_FILE: ours.certificate });
      expect(line).toMatch(/localhost/);
    });

    it('lets nobody in without TLS', async () => {
      expect(await refusal({ DATABASE_URL: url() })).toMatch(/Access denied|insecure transport/);
    });
  },
);

describe.skipIf(!hasOpenssl)('TLS to the database', () => {
  let server: Server | undefined;
  afterAll(() => void server?.close());

  /** Calls itself MariaDB. @returns all that was said to it after the TLS handshake. */
  async function impostor(authority: Authority, names: string): Promise<{ port: number; readonly heard: Buffer[] }> {
    const { certificate, key } = authority.issue('impostor', names);
    const secureContext = createSecureContext({ cert: readFileSync(certificate), key: readFileSync(key) });
    const heard: Buffer[] = [];
    const made = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(GREETING);
      socket.once('readable', () => {
        socket.read(SSL_REQUEST_BYTES);
        const secure = new TLSSocket(socket, { isServer: true, secureContext });
        secure.on('error', () => undefined);
        secure.on('data', (bytes: Buffer) => heard.push(bytes));
      });
    });
    server = made;
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    const at = made.address();
    return { port: typeof at === 'object' && at !== null ? at.port : 0, heard };
  }

  it.each([
    ['of another authority', other, 'IP:127.0.0.1'],
    ['for another host', ours, 'DNS:elsewhere.example'],
  ])('to a server with a certificate %s nothing is said, not even who we are', async (_case, authority, names) => {
    const { port, heard } = await impostor(authority, names);
    const DATABASE_URL = `mysql://porch:${PASSWORD}@127.0.0.1:${port}/porchlight`;
    expect(await refusal({ DATABASE_URL, DATABASE_CA_FILE: ours.certificate })).toMatch(/certificate|altnames/);
    expect(Buffer.concat(heard).toString('latin1')).toBe('');
    await new Promise<void>((resolve) => server?.close(() => resolve()));
  });

  it('to the right server the same greeting is answered: the test above hears what there is to hear', async () => {
    const { port, heard } = await impostor(ours, 'IP:127.0.0.1');
    const DATABASE_URL = `mysql://porch:${PASSWORD}@127.0.0.1:${port}/porchlight`;
    await refusal({ DATABASE_URL, DATABASE_CA_FILE: ours.certificate });
    expect(Buffer.concat(heard).toString('latin1')).toContain('porch');
  });

  it.each([
    ['DATABASE_URL', { DATABASE_URL: 'mysql://porch@db/porchlight?sslmode=verify' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://porch@db/porchlight?ssl=require' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://porch@db/porchlight?sslCa=/etc/ca.pem' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://porch@db/porchlight?ssl=false', DATABASE_CA_FILE: ours.certificate }],
    ['DATABASE_CA_FILE', { DATABASE_URL: 'mysql://porch@db/porchlight', DATABASE_CA_FILE: join(folder, 'none.pem') }],
    ['DATABASE_CA_FILE', { DATABASE_URL: 'mysql://porch@db/porchlight', DATABASE_CA_FILE: join(folder, 'ours.key') }],
  ])('%s is refused by name where TLS is asked for in a way that would be passed over: %o', (name, settings) => {
    expect(() => readConfig(settings)).toThrowError(ConfigError);
    expect(() => readConfig(settings)).toThrowError(new RegExp(`^${name}: [^\\n]+$`));
  });

  it('the embedded database has no use for it', () => {
    expect(readConfig({ DATABASE_URL: 'file:/srv/porch.db', DATABASE_CA_FILE: 'none' }).databaseUrl).toBe(
      'file:/srv/porch.db',
    );
  });
});

/** With its header. */
const SSL_REQUEST_BYTES = 36;

/** The initial handshake packet, protocol 10: TLS, protocol 4.1, secure authentication by plugins. */
const GREETING = ((): Buffer => {
  const capabilities = 0x0008_0000 | 0x8000 | 0x0800 | 0x0200 | 0x0008 | 0x0001;
  const low = Buffer.alloc(2);
  low.writeUInt16LE(capabilities & 0xffff);
  const high = Buffer.alloc(2);
  high.writeUInt16LE(capabilities >>> 16);
  const body = Buffer.concat([
    Buffer.from('\x0a5.5.5-10.11.2-MariaDB\0', 'latin1'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('abcdefgh\0', 'latin1'),
    low,
    Buffer.from([45, 2, 0]),
    high,
    Buffer.from([21]),
    Buffer.alloc(10),
    Buffer.from('ijklmnopqrst\0mysql_native_password\0', 'latin1'),
  ]);
  return Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]);
})();
