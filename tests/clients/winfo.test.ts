/**
 * Watcher information on a running service, seen by sipp, asked for by another client, answered on the command line
 * (RFC 3857 §5). Debian has no phone that subscribes to presence.winfo: sipp plays one from a scenario.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aor,
  DOMAIN,
  eventually,
  openPlace,
  type Place,
  passwordOf,
  toolsInstalled,
  uri,
  within,
} from '../support/processes.ts';
import { validateXml } from '../support/validate-xml.ts';
import { readWatcherinfo, tableOf } from '../support/watcherinfo.ts';

const installed = toolsInstalled('clients: watcher information', [
  { program: 'sipp', package: 'sip-tester' },
  { program: 'xmllint', package: 'libxml2-utils' },
]);

let place: Place;
beforeAll(async () => {
  place = await openPlace();
  await place.addUsers('alice', 'bob', 'carol');
  await place.startSip();
}, 60_000);
afterAll(() => place?.close());

describe.skipIf(!installed)('sipp follows who watches', () => {
  it('RFC 3857 §5: full, then bob asks, then bob is approved by the command line; every document is valid', async () => {
    const scenario = fileURLToPath(new URL('./sipp/winfo.xml', import.meta.url));
    const trace = join(place.folder, 'winfo.messages');
    const who = ['-s', 'alice', '-au', 'alice', '-ap', passwordOf('alice'), '-auth_uri', `alice@${DOMAIN}`];
    const once = ['-m', '1', '-i', '127.0.0.1', '-nostdin', '-timeout', '30', '-timeout_error'];
    const words = [place.server, '-sf', scenario, ...who, ...once, '-trace_msg', '-message_file', trace];
    const phone = place.program('sipp', words);
    await eventually('the subscription', async () => {
      const own = await place.store.subscriptions.of(aor('alice'), Date.now());
      return own.find(({ event }) => event === 'presence.winfo');
    });
    const bob = await place.peer('bob');
    const watch = await bob.subscribe({ to: uri('alice'), expires: 600 });
    expect(watch.response.status).toBe(200);
    await eventually('the question in the list', async () => {
      const messages = readFileSync(trace, 'utf8');
      return messages.includes('status="pending"') || undefined;
    });
    await place.rule('alice', 'bob', 'allow');
    const ended = await within(phone.ended, 'the scenario', 40_000);
    expect(ended.status, phone.lines.map(({ text }) => text).join('\n')).toBe(0);

    const bodies = readFileSync(trace, 'utf8').match(/<\?xml[\s\S]*?<\/watcherinfo>/g) ?? [];
    expect(bodies.map((body) => readWatcherinfo(body).state)).toEqual(['full', 'partial', 'partial']);
    expect([...tableOf(bodies).values()]).toMatchObject([{ uri: uri('bob'), status: 'active', event: 'approved' }]);
    expect(
      validateXml(
        bodies.map((body) => new TextEncoder().encode(body)),
        'watcherinfo.xsd',
      ),
    ).toBe('');
  }, 90_000);

  it('RFC 3857 §4.7.1: a client that only polls waits in the list of the command line', async () => {
    const carol = await place.peer('carol');
    const poll = async () => (await carol.subscribe({ to: uri('alice'), expires: 0 })).next();
    expect(await poll()).toMatchObject({ state: 'terminated', body: '' });
    const waits = async (): Promise<boolean> => {
      const list = place.script('services/porchlight.mjs', ['subscription', 'list', '--of', 'alice']);
      await within(list.ended, 'the list');
      return list.lines.some(({ text }) => text.includes('carol@example.com → alice@example.com  presence  waiting'));
    };
    await eventually('the question', async () => (await waits()) || undefined);
    await place.rule('alice', 'carol', 'allow');
    await eventually('the answer', async () => !(await waits()) || undefined);
    expect(await poll()).toMatchObject({ contentType: 'application/pidf+xml' });
  }, 90_000);
});
