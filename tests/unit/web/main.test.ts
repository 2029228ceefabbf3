import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '#runtime';
import { migrate } from '#store';

const MAIN = join(import.meta.dirname, '../../../web/main.ts');
let folder: string;
let neighbour: Server;
let takenPort: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-web-'));
  await migrate(`file:${join(folder, 'porchlight.db')}`, { log: silentLog });
  neighbour = createServer();
  await new Promise<void>((resolve) => neighbour.listen(0, '127.0.0.1', resolve));
  takenPort = (neighbour.address() as { port: number }).port;
});
afterEach(async () => {
  await new Promise((resolve) => neighbour.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the portal's process; asks it to end once it says that it is ready. */
async function run(settings: Record<string, string>): Promise<{ status: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', MAIN], {
    env: { PATH: process.env['PATH'], DATA_DIR: folder, SIP_DOMAIN: 'example.com', ...settings },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
    if (out.includes('portal ready')) child.kill('SIGTERM');
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, out, err };
}

describe('As the one who runs the server I start the portal', () => {
  it('it says in one line that it is ready, and ends cleanly at SIGTERM', async () => {
    const { status, out, err } = await run({ WEB_LISTEN: '127.0.0.1:0' });
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const said = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(said).toEqual(['what is committed is on the disk', 'portal ready']);
  });

  it('a taken port is one clear line and status 2', async () => {
    const { status, err } = await run({ WEB_LISTEN: `127.0.0.1:${takenPort}` });
    expect({ status, err }).toEqual({
      status: 2,
      err: `porchlight web: WEB_LISTEN: port ${takenPort} of 127.0.0.1 is taken by another program\n`,
    });
  });

  it('so is a wrong setting', async () => {
    const { status, err } = await run({ WEB_LISTEN: 'nowhere' });
    expect({ status, err }).toEqual({ status: 2, err: "porchlight web: WEB_LISTEN: 'nowhere' is not ADDRESS:PORT\n" });
  });
});
