import { afterEach, describe, expect, it } from 'vitest';
import { type House, openHouse, pidf, uri } from '../support/house.ts';
import type { Watch } from '../support/sip-peer.ts';
import { readWatcherinfo, tableOf, worded } from '../support/watcherinfo.ts';

let house: House;
afterEach(() => house.close());

const WINFO = 'presence.winfo';
const follow = (): Promise<Watch> => house.peer('alice').subscribe({ to: uri('alice'), event: WINFO });
/** `bob active`, sorted, of those who have not ended. */
const standing = (table: Iterable<{ readonly uri: string; readonly status: string }>): readonly string[] =>
  [...table].map((row) => `${/:(.*)@/.exec(row.uri)?.[1]} ${row.status}`).sort();

describe('As somebody with two phones I know on both who would like to see me', () => {
  it('each phone has documents of its own, numbered by themselves', async () => {
    house = await openHouse({ users: ['alice', 'bob', 'carol'] });
    const desk = await follow();
    await house.peer('bob').subscribe({ to: uri('alice') });
    await house.clock.advance(6_000);
    const mobile = await follow();
    await house.peer('carol').subscribe({ to: uri('alice') });
    await house.clock.advance(6_000);
    const versions = (watch: Watch): readonly string[] =>
      watch.notifies.map(({ body }) => `${readWatcherinfo(body).version} ${worded(readWatcherinfo(body)).join()}`);
    expect(versions(desk)).toEqual(['0 ', '1 bob pending subscribe', '2 carol pending subscribe']);
    expect(versions(mobile)).toEqual(['0 bob pending subscribe', '1 carol pending subscribe']);
  });

  it('bob’s phone knocked while I was away: I approve him next morning, and his next call is let in', async () => {
    house = await openHouse();
    await house.peer('alice').publish({ body: pidf('alice', 'open', 'on the porch'), expires: 3600 });
    const bob = house.peer('bob');
    const knock = await bob.subscribe({ to: uri('alice'), expires: 600 });
    expect(await knock.next()).toMatchObject({ state: 'pending', body: '' });
    await house.clock.advance(900_000);
    expect(knock.last).toMatchObject({ state: 'terminated', reason: 'timeout', body: '' });

    const morning = await follow();
    expect(worded(readWatcherinfo((await morning.next()).body))).toEqual(['bob waiting timeout']);
    await house.rule('alice', 'bob', 'allow');
    await house.clock.advance(6_000);
    expect(worded(readWatcherinfo(morning.last?.body ?? ''))).toEqual(['bob terminated approved']);
    // Nothing is sent to a phone that has hung up.
    expect(knock.notifies).toHaveLength(2);
    const again = await bob.subscribe({ to: uri('alice'), expires: 600 });
    const shown = await again.next();
    expect(shown).toMatchObject({ state: 'active' });
    expect(shown.body).toContain('on the porch');
  });
});

describe('a network that loses, doubles and reorders', () => {
  it.each([1, 2, 3])('seed %d: what the phone has put together is what is so', async (seed) => {
    const users = ['bob', 'carol', 'dave', 'erin'];
    house = await openHouse({ seed, users: ['alice', ...users] });
    await house.clock.advance(500);
    house.network.weather({ loss: 0.2, duplicate: 0.15, delayMs: [1, 700] });
    const alice = await follow();
    const peers = users.map((user) => ({ user, peer: house.peer(user) }));
    const permissions = ['allow', 'confirm', 'block', 'polite-block', 'confirm'] as const;
    for (let round = 0; round < 20; round += 1) {
      const { user, peer } = peers[(round * 7 + seed) % peers.length] as (typeof peers)[number];
      if (round % 3 !== 2) await peer.subscribe({ to: uri('alice'), expires: [60, 600, 0][round % 4] ?? 600 });
      else await house.rule('alice', user, permissions[(round + seed) % permissions.length] ?? 'allow');
      await house.clock.advance(9_000);
    }
    await house.clock.advance(90_000);
    house.network.weather({ loss: 0, duplicate: 0, delayMs: [1, 1] });
    await house.clock.advance(1_000);
    const truth = await house.peer('alice').subscribe({ to: uri('alice'), event: WINFO, expires: 0 });
    const { watchers } = readWatcherinfo((await truth.next()).body);
    expect(alice.late).toEqual([]);
    expect(standing(tableOf(alice.notifies.map(({ body }) => body)).values())).toEqual(standing(watchers));
    const versions = alice.notifies.map(({ body }) => readWatcherinfo(body).version);
    expect(versions).toEqual(versions.map((_, index) => index));
  });
});
