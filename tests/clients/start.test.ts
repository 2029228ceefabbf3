/** What goes wrong at the start is said in one line, with status 2: by each service alone, and by npm start. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlace, type Place, type Settings, within } from '../support/processes.ts';

const SIP = 'dist/services/main.js';
const WEB = 'dist/web/main.js';
const START = 'services/start.mjs';

let place: Place;
let sipPort: number;
let webPort: number;
const closing: (() => void)[] = [];

beforeAll(async () => {
  place = await openPlace();
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  sipPort = socket.address().port;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  webPort = (server.address() as { port: number }).port;
  closing.push(
    () => socket.close(),
    () => server.close(),
  );
}, 60_000);
afterAll(async () => {
  for (const close of closing) close();
  await place?.close();
});

async function refusal(script: string, settings: Settings): Promise<string> {
  const one = place.script(script, [], settings);
  const { status } = await within(one.ended, `the end of ${script}`, 60_000);
  expect({ script, status, errors: one.errors }).toMatchObject({ status: 2, errors: [expect.any(String)] });
  expect(one.lines.some(({ text }) => /ready|Porchlight is on/.test(text))).toBe(false);
  return one.errors[0] ?? '';
}

describe('a SIP port that is taken', () => {
  for (const script of [SIP, START]) {
    it(`${script}: one line names it, status 2`, async () => {
      const line = await refusal(script, { SIP_LISTEN: `udp:127.0.0.1:${sipPort}` });
      expect(line).toContain(`127.0.0.1:${sipPort}`);
      expect(line).toContain('is taken by another program');
    }, 90_000);
  }
});

describe('a portal port that is taken', () => {
  for (const script of [WEB, START]) {
    it(`${script}: one line names it, status 2`, async () => {
      const line = await refusal(script, { WEB_LISTEN: `127.0.0.1:${webPort}` });
      expect(line).toMatch(/WEB_LISTEN.*is taken by another program/);
      expect(line).toContain(String(webPort));
    }, 90_000);
  }
});

describe('a setting that is wrong', () => {
  for (const script of [SIP, WEB, START]) {
    it(`${script}: one line names it, status 2`, async () => {
      expect(await refusal(script, { SIP_LISTEN: 'sctp:127.0.0.1:5060' })).toContain(
        "SIP_LISTEN: 'sctp:127.0.0.1:5060'",
      );
      expect(await refusal(script, { DEFAULT_PERMISSION: 'everybody' })).toContain("DEFAULT_PERMISSION: 'everybody'");
      expect(await refusal(script, { DATABASE_URL: 'postgres://somebody:secret@db/x' })).toMatch(
        /^(?!.*secret).*DATABASE_URL/,
      );
    }, 90_000);
  }
});

describe('a key of another installation', () => {
  it('is said by the SIP service, which would otherwise only tell phones that their password is wrong', async () => {
    await place.addUsers('alice');
    const own = await place.startSip();
    expect(own.lines.some(({ text }) => text.includes('the key does not open'))).toBe(false);
    await own.end();
    const other = await place.startSip({ PORCHLIGHT_KEY: Buffer.alloc(32, 5).toString('base64') });
    expect((await other.until(/the key does not open/)).text).toContain('"username":"alice"');
  }, 60_000);
});
