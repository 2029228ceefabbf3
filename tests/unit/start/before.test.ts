import { spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostPort, knockAddress, lanAddress, toldAddress } from '../../../services/start/addresses.mjs';
import { copyAssets, inputStamp, isBuilt } from '../../../services/start/build.mjs';
import { runQuietly } from '../../../services/start/command.mjs';
import { demoGreeting } from '../../../services/start/demo.mjs';
import { readEnvFile } from '../../../services/start/env-file.mjs';
import { greeting } from '../../../services/start/greeting.mjs';
import { installStamp, isInstalled } from '../../../services/start/install.mjs';
import { oldNode } from '../../../services/start/node-version.mjs';
import { tcpRefusal, udpRefusal } from '../../../services/start/ports.mjs';
import { writing } from '../../../services/start/refusal.mjs';
import { helpText, readSettings } from '../../../services/start/settings.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'porchlight-start-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(join(root, name, '..'), { recursive: true });
  writeFileSync(join(root, name), text);
}

describe('npm start, before anything is installed', () => {
  it.each(['v20.19.0', 'v20.20.2', 'v22.1.0', 'v100.0.0'])('Node %s will do', (version) => {
    expect(oldNode(version)).toBeUndefined();
  });

  it.each(['v18.20.0', 'v20.18.3'])('Node %s is refused in one line that says what is needed', (version) => {
    expect(oldNode(version)).toMatch(/^Porchlight needs Node\.js 20\.19 or newer; this is v.*$/);
  });

  it('--help works in a checkout without node_modules and dist, and tells every setting', () => {
    cpSync(join(ROOT, 'services/start'), join(root, 'services/start'), { recursive: true });
    cpSync(join(ROOT, 'services/start.mjs'), join(root, 'services/start.mjs'));
    cpSync(join(ROOT, 'services/runtime/settings.json'), join(root, 'services/runtime/settings.json'));
    const { status, stdout } = spawnSync(process.execPath, ['services/start.mjs', '--help'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    for (const { name, about } of readSettings()) {
      expect(stdout).toContain(`  ${name}=`);
      expect(stdout).toContain(about);
    }
    expect(stdout).toBe(helpText(readSettings()));
  });

  it('npm start has no shell in between, which would keep SIGTERM from the services and turn Ctrl-C into status 130', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly scripts: { readonly start: string };
    };
    expect(scripts.start).toBe('exec node services/start.mjs');
  });

  it('an .env that cannot be read is one line; one that is not there is nothing', () => {
    mkdirSync(join(root, '.env'));
    expect(readEnvFile(join(root, '.env'))).toMatch(/\.env: it cannot be read \(EISDIR\)$/);
    expect(readEnvFile(join(root, 'nowhere.env'))).toBeUndefined();
  });

  it('a checkout that may not be written is one line; any other fault stays what it is', async () => {
    const fault = (code: string) => () =>
      Promise.reject(Object.assign(new Error(code), { code, path: '/checkout/dist' }));
    const refused = writing('/checkout', fault('EROFS'));
    await expect(refused).rejects.toThrow(/^\/checkout\/dist cannot be written \(EROFS\)/);
    await expect(refused).rejects.toMatchObject({ name: 'StartRefused' });
    await expect(writing('/checkout', fault('ENOENT'))).rejects.toThrow(/^ENOENT$/);
  });

  it('a word that is not known is one line and status 2', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['services/start.mjs', '--port'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: "npm start knows only --demo and --help, not '--port'\n",
    });
  });

  it('the bin says what to do when nothing is built', () => {
    cpSync(join(ROOT, 'services/start'), join(root, 'services/start'), { recursive: true });
    cpSync(join(ROOT, 'services/porchlight.mjs'), join(root, 'services/porchlight.mjs'));
    const { status, stderr } = spawnSync(process.execPath, ['services/porchlight.mjs', 'user', 'list'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toContain('npm start');
  });
});

describe('what is installed', () => {
  const lock = { packages: { '': { name: 'porchlight' }, 'node_modules/a': { version: '1.0.0' } } };
  beforeEach(() => write('package-lock.json', JSON.stringify(lock)));

  it('nothing without node_modules', () => expect(isInstalled(root)).toBe(false));

  it('our stamp says it, until the lock file changes', () => {
    write('node_modules/.porchlight-installed', installStamp(root));
    expect(isInstalled(root)).toBe(true);
    write('package-lock.json', JSON.stringify({ packages: { '': { name: 'porchlight' } } }));
    expect(isInstalled(root)).toBe(false);
  });

  it('another Node means installing again', () => {
    write('node_modules/.porchlight-installed', installStamp(root).replace(process.version, 'v20.19.0-other'));
    expect(isInstalled(root)).toBe(false);
  });

  it("somebody's own npm ci counts when it put the same versions there; another platform's binaries may be missing", () => {
    const binary = { 'node_modules/b-win32': { version: '3.0.0', optional: true } };
    write('package-lock.json', JSON.stringify({ packages: { ...lock.packages, ...binary } }));
    write('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
    expect(isInstalled(root)).toBe(true);
    write('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '0.9.0' } } }));
    expect(isInstalled(root)).toBe(false);
    write('node_modules/.package-lock.json', JSON.stringify({ packages: {} }));
    expect(isInstalled(root)).toBe(false);
  });
});

describe('what is built', () => {
  beforeEach(() => {
    write('services/main.ts', 'export {};');
    write('web/pages/home/view.eta', '<p>');
    for (const name of ['dist/services/main.js', 'dist/web/main.js', 'services/store/prisma/generated/sqlite/x.ts']) {
      write(name, '');
    }
    write('dist/.porchlight-built', inputStamp(root));
  });

  it('nothing is built again when nothing has changed', () => expect(isBuilt(root)).toBe(true));

  it.each(['services/main.ts', 'services/other.ts', 'web/pages/home/view.eta', 'prisma/schema.prisma', 'package.json'])(
    'a change of %s asks for a build',
    (name) => {
      write(name, 'changed');
      expect(isBuilt(root)).toBe(false);
    },
  );

  it('the generated clients are no input: they follow from the schemas', () => {
    write('services/store/prisma/generated/sqlite/x.ts', 'other');
    expect(isBuilt(root)).toBe(true);
    rmSync(join(root, 'services/store/prisma/generated'), { recursive: true });
    expect(isBuilt(root)).toBe(false);
  });

  it('a missing output asks for a build', () => {
    rmSync(join(root, 'dist/web/main.js'));
    expect(isBuilt(root)).toBe(false);
  });

  it('what the compiler leaves is copied beside its output, sources are not', () => {
    write('web/public/style.css', 'a {}');
    write('web/main.ts', 'export {};');
    copyAssets(root);
    expect(readFileSync(join(root, 'dist/web/pages/home/view.eta'), 'utf8')).toBe('<p>');
    expect(readFileSync(join(root, 'dist/web/public/style.css'), 'utf8')).toBe('a {}');
    expect(() => readFileSync(join(root, 'dist/web/main.ts'))).toThrow();
  });

  it('a command that fails gives back its status and its words', async () => {
    const lines: string[] = [];
    const outcome = await runQuietly(process.execPath, ['-e', 'console.error("broken"); process.exit(3)'], {
      cwd: root,
      env: process.env,
      say: (line) => lines.push(line),
      title: 'compiling',
    });
    expect(outcome).toEqual({ status: 3, output: 'broken\n' });
    expect(lines).toEqual([]);
  });
});

describe('ports and addresses', () => {
  it('a taken UDP port is one line that names the setting', async () => {
    const socket = dgram.createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    expect(await udpRefusal('127.0.0.1', port)).toBe(
      `SIP_LISTEN: UDP 127.0.0.1:${port} is taken by another program; end that one or set another port`,
    );
    await new Promise<void>((resolve) => socket.close(resolve));
    expect(await udpRefusal('127.0.0.1', port)).toBeUndefined();
  });

  it('a taken TCP port is one line that names the setting', async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    expect(await tcpRefusal('127.0.0.1', port)).toMatch(
      /^WEB_LISTEN: TCP 127\.0\.0\.1:\d+ is taken by another program/,
    );
    expect(await tcpRefusal('127.0.0.1', port, 'SIP_LISTEN')).toMatch(/^SIP_LISTEN: TCP 127\.0\.0\.1:\d+ is taken/);
    await new Promise((resolve) => server.close(resolve));
    expect(await tcpRefusal('127.0.0.1', port)).toBeUndefined();
  });

  it("an address that is not this machine's is one line", async () => {
    expect(await udpRefusal('192.0.2.1', 5060)).toBe(
      "SIP_LISTEN: UDP 192.0.2.1:5060 is not an address of this machine's",
    );
  });

  const ipv4 = (address: string, internal = false) => ({ family: 'IPv4' as const, internal, address });

  it('phones are told the address on the default route', async () => {
    const interfaces = { lo: [ipv4('127.0.0.1', true)], docker0: [ipv4('172.17.0.1')], eth0: [ipv4('192.0.2.7')] };
    expect(await lanAddress(interfaces, async () => '172.17.0.1')).toBe('172.17.0.1');
    expect(await lanAddress(interfaces, async () => undefined)).toBe('192.0.2.7');
  });

  it('without a network there is the loopback', async () => {
    expect(await lanAddress({ lo: [ipv4('127.0.0.1', true)] }, async () => undefined)).toBe('127.0.0.1');
  });

  it('a wildcard is knocked at on the loopback and told as the LAN address', () => {
    expect([knockAddress('0.0.0.0'), knockAddress('::'), knockAddress('192.0.2.7')]).toEqual([
      '127.0.0.1',
      '::1',
      '192.0.2.7',
    ]);
    expect([toldAddress('0.0.0.0', '192.0.2.7'), toldAddress('127.0.0.1', '192.0.2.7')]).toEqual([
      '192.0.2.7',
      '127.0.0.1',
    ]);
    expect(hostPort('2001:db8::1', 5060)).toBe('[2001:db8::1]:5060');
  });

  it('SIP_ADVERTISE is what phones are told, with the port of SIP_LISTEN when it names none', () => {
    const listen = [{ transport: 'udp' as const, address: '0.0.0.0', port: 5070 }];
    const told = (advertise: string | undefined): string =>
      greeting({ domain: 'example.com', listen, advertise }, { address: '0.0.0.0', port: 8080 }, '192.0.2.7');
    expect(told('sip.example.com')).toMatch(/Server \/ proxy +sip\.example\.com:5070\n/);
    expect(told('sip.example.com:5080')).toMatch(/Server \/ proxy +sip\.example\.com:5080\n/);
    expect(told('[2001:db8::1]')).toMatch(/Server \/ proxy +\[2001:db8::1\]:5070\n/);
    expect(told(undefined)).toMatch(/Server \/ proxy +192\.0\.2\.7:5070\n/);
    expect(told(undefined)).toContain('http://192.0.2.7:8080/');
  });

  it('WEB_URL is where people are told the portal is, in the demo too', () => {
    const web = { address: '0.0.0.0', port: 8080, url: 'https://presence.example.com/' };
    const config = { domain: 'example.com', listen: [{ transport: 'udp' as const, address: '::', port: 5060 }] };
    const told = greeting({ ...config, advertise: undefined }, web, '192.0.2.7');
    expect(told).toMatch(/Portal +https:\/\/presence\.example\.com\/ /);
    expect(told).not.toContain(':8080');
    const demo = { people: [{ name: 'ada', password: 'x' }], dataDir: 'data-demo', domain: 'example.com' };
    expect(demoGreeting(demo, web, '192.0.2.7')).toMatch(/Portal +https:\/\/presence\.example\.com\/\n/);
    expect(greeting({ ...config, advertise: undefined }, { ...web, url: undefined }, '192.0.2.7')).toContain(
      'http://192.0.2.7:8080/',
    );
  });

  it('the transports are those that the one server setting reaches', () => {
    const point = (transport: 'udp' | 'tcp', port: number) => ({ transport, address: '0.0.0.0', port });
    const told = (...listen: readonly ReturnType<typeof point>[]): string =>
      greeting({ domain: 'example.com', listen, advertise: undefined }, { address: '::', port: 1 }, '192.0.2.7');
    expect(told(point('udp', 5060), point('tcp', 5060))).toMatch(/Transport +UDP or TCP\n/);
    expect(told(point('tcp', 5060))).toMatch(/Transport +TCP\n/);
    expect(told(point('udp', 5060), point('tcp', 5080))).toMatch(/Transport +UDP\n/);
  });
});
