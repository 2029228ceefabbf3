import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../../support/stores.ts';

const folder = makeTemporaryFolder('cli');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SCRIPT =
  "const { runFromCommandLine } = await import('./services/cli/main.ts');" +
  'for (const { dataDir, words } of JSON.parse(process.argv[1])) {' +
  '  process.env.DATA_DIR = dataDir;' +
  '  const status = await runFromCommandLine(words);' +
  "  for (const stream of [process.stdout, process.stderr]) stream.write('\\0' + status + '\\0');" +
  '}';

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Command lines, one after the other, in a process of their own over a SQLite file and a key file. */
async function porchlight(lines: readonly (readonly [string, ...string[]])[], input = ''): Promise<readonly Ran[]> {
  const { PATH, HOME } = process.env;
  const given = lines.map(([house, ...words]) => ({ dataDir: join(folder, house), words }));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=source', '--input-type=module', '-e', SCRIPT, '--', JSON.stringify(given)],
    {
      cwd: ROOT,
      env: {
        PATH,
        HOME,
        SIP_DOMAIN: 'example.com',
        SIP_ALIASES: 'localhost',
        SIP_LISTEN: 'udp:127.0.0.1:0',
        SIP_ADVERTISE: '192.0.2.1',
      },
    },
  );
  const said = { out: '', err: '' };
  child.stdout.on('data', (piece) => {
    said.out += String(piece);
  });
  child.stderr.on('data', (piece) => {
    said.err += String(piece);
  });
  child.stdin.end(input);
  await once(child, 'close');
  const [out, err] = [said.out.split('\0'), said.err.split('\0')];
  return lines.map((_, index) => ({
    status: Number(out[2 * index + 1] ?? Number.NaN),
    out: (out[2 * index] ?? '').trim(),
    err: (err[2 * index] ?? '').trim(),
  }));
}

describe('the command line over a real SQLite file', { timeout: 120_000 }, () => {
  const file = join(folder, 'backup');

  it('before the first start nothing is made: one line, status 2; check says what is missing', async () => {
    const [listed, checked] = await porchlight([
      ['one', 'user', 'list'],
      ['one', 'check'],
    ]);
    expect(listed).toMatchObject({
      status: 2,
      err: expect.stringMatching(/^porchlight: there is no .*porchlight\.db: start Porchlight once/),
    });
    expect(checked?.status).toBe(1);
    expect(checked?.out).toMatch(/WRONG {4}key: there is no /);
    expect(checked?.out).toMatch(/WRONG {4}database: there is no /);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('a back-up of one installation is restored in another, and its key rotated: the same password opens', async () => {
    // A restore that is refused has made tables and key all the same, as the first start does.
    const empty = join(folder, 'empty');
    writeFileSync(empty, '');
    const first = await porchlight(
      [
        ['one', 'restore', empty],
        ['one', 'user', 'add', 'alice'],
        ['one', 'backup', file],
        ['one', 'backup', file],
      ],
      'correct horse\n',
    );
    expect(first.map(({ status }) => status)).toEqual([1, 0, 0, 1]);
    expect(first[3]?.err).toContain('there is one already');
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const [restored] = await porchlight([['two', 'restore', '-']], readFileSync(file, 'utf8'));
    expect(restored).toMatchObject({ status: 0, err: '' });
    const keyFile = join(folder, 'two', 'key');
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const before = readFileSync(keyFile, 'utf8');
    expect(before).not.toBe(readFileSync(join(folder, 'one', 'key'), 'utf8'));

    const [rotated, there, here, checked] = await porchlight([
      ['two', 'key', 'rotate'],
      ['two', 'user', 'export', '-'],
      ['one', 'user', 'export', '-'],
      ['two', 'check', '--json'],
    ]);
    expect(rotated?.out).toContain('Sealed 3 credentials anew');
    expect(readFileSync(keyFile, 'utf8')).not.toBe(before);
    expect(readdirSync(join(folder, 'two')).filter((name) => name.startsWith('key'))).toEqual(['key']);
    const ha1 = (ran: Ran | undefined): string | undefined => ran?.out.split(',').at(-3);
    expect(ha1(there)).toMatch(/^[0-9a-f]{32}$/);
    expect(ha1(there)).toBe(ha1(here));
    expect(JSON.parse(checked?.out ?? '')).toMatchObject({ wrong: 0 });
    expect(checked?.status).toBe(0);
  });
});
