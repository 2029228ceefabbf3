/** Programs that send what a script says: sipsak from a file, sipp from scenarios. And Linphone, which watches. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LINPHONE, startLinphone } from '../support/linphone.ts';
import {
  aor,
  DOMAIN,
  type Ending,
  eventually,
  openPlace,
  type Place,
  passwordOf,
  pidf,
  type Running,
  toolsInstalled,
  uri,
  within,
} from '../support/processes.ts';

const hasSipsak = toolsInstalled('clients: PUBLISH from a file', [{ program: 'sipsak', package: 'sipsak' }]);
const hasSipp = toolsInstalled('clients: scripted requests', [{ program: 'sipp', package: 'sip-tester' }]);
const hasLinphone = toolsInstalled('clients: Linphone watches', [LINPHONE]);

let place: Place;
beforeAll(async () => {
  place = await openPlace();
  await place.addUsers('alice', 'bob', 'carol');
  await place.allowAll('alice');
  await place.startSip();
}, 60_000);
afterAll(() => place?.close());

let files = 0;

/** A PUBLISH as a file; sipsak adds Via and answers the challenge. */
function publishWithSipsak(user: string, basic: 'open' | 'closed', password = passwordOf(user)): Running {
  files += 1;
  const body = pidf(user, basic);
  const head = [
    `PUBLISH ${uri(user)} SIP/2.0`,
    'Max-Forwards: 70',
    `From: <${uri(user)}>;tag=file${files}`,
    `To: <${uri(user)}>`,
    `Call-ID: file-${files}@${DOMAIN}`,
    'CSeq: 1 PUBLISH',
    'Event: presence',
    'Expires: 600',
    'Content-Type: application/pidf+xml',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  const file = join(place.folder, `publish-${files}.sip`);
  writeFileSync(file, [...head, '', body].join('\r\n'));
  const [host, port] = place.server.split(':');
  return place.program('sipsak', ['-vv', '-f', file, '-s', `sip:${user}@${host}:${port}`, '-u', user, '-a', password]);
}

function runSipp(scenario: string, user: string): Running {
  const file = fileURLToPath(new URL(`./sipp/${scenario}.xml`, import.meta.url));
  const errors = ['-trace_err', '-error_file', join(place.folder, `${scenario}.errors`)];
  // sipp's own digest uri is the server's address; the requests here are all about alice.
  const who = ['-s', user, '-au', user, '-ap', passwordOf(user), '-auth_uri', `alice@${DOMAIN}`];
  const once = ['-m', '1', '-i', '127.0.0.1', '-nostdin', '-timeout', '20', '-timeout_error'];
  return place.program('sipp', [place.server, '-sf', file, ...who, ...once, ...errors]);
}

const ending = (one: Running, what: string): Promise<Ending> => within(one.ended, what, 30_000);

describe.skipIf(!hasSipsak)('sipsak', () => {
  it('RFC 3261 §11.2: OPTIONS is answered 200 and names what is allowed', async () => {
    const asking = place.program('sipsak', ['-vv', '-s', `sip:${place.server}`]);
    expect((await ending(asking, 'OPTIONS')).status).toBe(0);
    expect(asking.lines.map(({ text }) => text)).toContain('Allow-Events: presence, presence.winfo');
  });

  it('RFC 3903 §4.1: publishes from a file, with digest; a wrong password does not', async () => {
    const good = publishWithSipsak('alice', 'open');
    expect((await ending(good, 'a PUBLISH')).status, good.lines.map(({ text }) => text).join('\n')).toBe(0);
    expect(good.lines.some(({ text }) => /^SIP-ETag: \S+/.test(text))).toBe(true);
    const bad = publishWithSipsak('alice', 'open', 'not the password');
    expect((await ending(bad, 'a PUBLISH')).status).not.toBe(0);
    expect(bad.lines.some(({ text }) => /^SIP\/2\.0 200/.test(text))).toBe(false);
  });
});

describe.skipIf(!hasSipp)('sipp', () => {
  it('RFC 3903 §4: initial with digest, refresh, stale entity-tag, modify, remove, by the script', async () => {
    const run = runSipp('publish', 'alice');
    expect((await ending(run, 'the scenario')).status, run.lines.map(({ text }) => text).join('\n')).toBe(0);
  }, 40_000);

  it.skipIf(!hasSipsak)(
    'RFC 6665 §4.2.1: subscribes with digest, answers the first NOTIFY and that of a change',
    async () => {
      const run = runSipp('subscribe', 'bob');
      await eventually('the subscription', async () => {
        const watchers = await place.store.subscriptions.of(aor('alice'), Date.now());
        return watchers.find(({ watcher }) => watcher === uri('bob'));
      });
      await ending(publishWithSipsak('alice', 'open'), 'a PUBLISH');
      expect((await ending(run, 'the scenario')).status, run.lines.map(({ text }) => text).join('\n')).toBe(0);
    },
    60_000,
  );
});

describe.skipIf(!hasLinphone || !hasSipsak)('Linphone', () => {
  it('watches, and tells its user when the owner comes online', async () => {
    await ending(publishWithSipsak('alice', 'open'), 'a PUBLISH');
    const phone = startLinphone(place, 'carol', 'alice');
    await phone.until(/Friend "alice" <.*> is Online/);
    phone.write('quit\n');
    await ending(phone, 'quit');
    // It unsubscribes when it goes.
    await eventually('the end of the subscription', async () => {
      const watchers = await place.store.subscriptions.of(aor('alice'), Date.now());
      return watchers.every(({ watcher }) => watcher !== uri('carol')) || undefined;
    });
  }, 60_000);
});
