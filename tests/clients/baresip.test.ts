/** The promise of the house with a phone that we did not write: who is let in sees, who is not does not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BARESIP, type Phone, startPhone } from '../support/baresip.ts';
import { openPlace, type Place, toolsInstalled } from '../support/processes.ts';

const hasTools = toolsInstalled('clients: two baresips', BARESIP);

describe.skipIf(!hasTools)('two baresips', () => {
  let place: Place;
  let owner: Phone;
  let watcher: Phone;

  beforeAll(async () => {
    place = await openPlace();
    await place.startSip();
    await place.addUsers('alice', 'bob', 'carol');
    await place.allowAll('alice');
    watcher = await startPhone(place, { user: 'bob', watches: ['alice'] });
    owner = await startPhone(place, { user: 'alice' });
    await watcher.until(/^Subscription-State: active/);
  }, 60_000);
  afterAll(() => place?.close());

  it('RFC 3903 §4.1: the owner publishes, and the watcher sees Online, then Offline', async () => {
    owner.say('presence_online');
    expect((await watcher.shows('alice', 'Online')).text).toContain('from Offline to Online');
    owner.say('presence_offline');
    expect((await watcher.shows('alice', 'Offline')).text).toContain('from Online to Offline');
  }, 60_000);

  it('RFC 3856 §6.6.2: blocked by the command line, the watcher’s phone loses the presence at once, and hears no more', async () => {
    const before = watcher.lines.length;
    owner.say('presence_online');
    await watcher.shows('alice', 'Online', before);
    const atBlock = watcher.lines.length;
    const blocked = await place.rule('alice', 'bob', 'block');
    const told = await watcher.until(/^Subscription-State: terminated;reason=rejected/, atBlock);
    const lost = await watcher.shows('alice', 'Unknown', atBlock);
    const after = ({ at }: { readonly at: number }): string => `${Math.round(at - blocked.at)} ms`;
    console.log(
      `block by the command line: NOTIFY ${after(told)} after the command had ended (less than 0: before), phone ${after(lost)}`,
    );

    const atLoss = watcher.lines.length;
    owner.say('presence_offline');
    // Somebody else sees the next change: what the blocked one were told would have come as early.
    const carol = await startPhone(place, { user: 'carol', watches: ['alice'] });
    await carol.until(/^Subscription-State: active/);
    owner.say('presence_online');
    await carol.shows('alice', 'Online');
    expect(watcher.lines.slice(atBlock).filter(({ text }) => /<basic>/.test(text))).toEqual([]);
    expect(watcher.lines.slice(atLoss).filter(({ text }) => /^NOTIFY /.test(text))).toEqual([]);
  }, 60_000);
});
