/** The promise of the house over TCP, with a phone that we did not write; the service listens on UDP beside it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BARESIP, type Phone, startPhone } from '../support/baresip.ts';
import { openPlace, type Place, toolsInstalled } from '../support/processes.ts';

const hasTools = toolsInstalled('clients: two baresips over TCP', BARESIP);

/** What a phone sent or got: each message from its start line to its end. */
function messages(phone: Phone, start: RegExp): readonly string[] {
  const texts = phone.lines.map(({ text }) => text);
  return texts.flatMap((text, index) => {
    if (!start.test(text)) return [];
    const end = texts.indexOf('', index);
    return [texts.slice(index, end < 0 ? undefined : end).join('\n')];
  });
}

describe.skipIf(!hasTools)('two baresips over TCP', () => {
  let place: Place;
  let owner: Phone;
  let watcher: Phone;

  beforeAll(async () => {
    place = await openPlace();
    await place.startSip({ SIP_LISTEN: `udp:${place.server},tcp:${place.server}` });
    await place.addUsers('alice', 'bob');
    await place.rule('alice', 'bob', 'allow');
    watcher = await startPhone(place, { user: 'bob', watches: ['alice'], transport: 'tcp' });
    owner = await startPhone(place, { user: 'alice', transport: 'tcp' });
    await watcher.until(/^Subscription-State: active/);
  }, 60_000);
  afterAll(() => place?.close());

  it('RFC 3903 §4.1: the owner publishes, and the watcher sees Online, then Offline', async () => {
    owner.say('presence_online');
    expect((await watcher.shows('alice', 'Online')).text).toContain('from Offline to Online');
    owner.say('presence_offline');
    expect((await watcher.shows('alice', 'Offline')).text).toContain('from Online to Offline');
  }, 60_000);

  it('RFC 3261 §12.2.1.1, §18.2.2: all of it goes by TCP, what the watcher sends inside the dialog, too', async () => {
    const from = watcher.lines.length;
    watcher.say('quit');
    await watcher.until(/^Subscription-State: terminated;reason=timeout/, from);
    const [host, port] = place.server.split(':');
    const inDialog = messages(watcher, new RegExp(`^SUBSCRIBE sip:${host}:${port};transport=tcp SIP/2.0$`));
    expect(inDialog.length).toBeGreaterThan(0);
    for (const subscribe of inDialog) {
      expect(subscribe).toMatch(/^Via: SIP\/2\.0\/TCP /m);
      expect(subscribe).toMatch(/^Expires: 0$/m);
    }
    const notifies = messages(watcher, /^NOTIFY /);
    expect(notifies.length).toBeGreaterThan(2);
    for (const notify of notifies) {
      expect(notify).toMatch(/^Via: SIP\/2\.0\/TCP /m);
      expect(notify).toMatch(/^Contact: <sip:[^>]*;transport=tcp>$/m);
    }
    expect(watcher.lines.filter(({ text }) => text.startsWith('Via: SIP/2.0/UDP'))).toEqual([]);
  }, 60_000);
});
