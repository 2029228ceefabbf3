import { afterEach, describe, expect, it } from 'vitest';
import { makeRandom } from '#runtime';
import { COMMAND_LINE, reloadPackage } from '#store';
import { type House, openHouse, pidf, uri } from '../support/house.ts';

let house: House;
afterEach(() => house.close());

const row = (module: string, enabled = true, event = 'presence') => ({ event, module, enabled });

describe('event packages come from Eventloader, while the service runs', () => {
  it('a package that is disabled is 489, and who watched it is told to come back later', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const bob = house.peer('bob');
    const watch = await bob.subscribe({ to: uri('alice') });
    await watch.next();
    await house.store.eventLoader.set(row('builtin:presence', false));
    await house.clock.advance(3_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'probation' });
    const again = await bob.subscribe({ to: uri('alice') });
    expect(again.response.status).toBe(489);
    expect((await house.peer('alice').publish({ body: pidf('alice', 'open') })).status).toBe(489);

    await house.store.eventLoader.set(row('builtin:presence'));
    await house.clock.advance(3_000);
    expect((await bob.subscribe({ to: uri('alice') })).response.status).toBe(200);
  });

  it('a module that is not there costs its own event, nothing else', async () => {
    house = await openHouse();
    await house.store.eventLoader.set(row('/nowhere/at-all.mjs', true, 'weather'));
    await house.clock.advance(3_000);
    const bob = house.peer('bob');
    expect((await bob.subscribe({ to: uri('alice'), event: 'weather' })).response.status).toBe(489);
    expect((await bob.subscribe({ to: uri('alice') })).response.status).toBe(200);
  });

  it("a third party's package is served beside ours, under rules of its own", async () => {
    house = await openHouse({ paceMs: 0 });
    const module = new URL('../support/example-package.mjs', import.meta.url).href;
    await house.store.eventLoader.set(row(module, true, 'ping-state'));
    // Importing is native work that no fake clock hastens: it is asked for until it is there.
    const bob = house.peer('bob');
    const packages = async (): Promise<string> => {
      await house.clock.advance(1_000);
      return (await bob.ask({ method: 'OPTIONS', uri: uri('bob') })).header('Allow-Events');
    };
    await expect.poll(packages, { timeout: 10_000 }).toContain('ping-state');
    await house.rule('alice', 'bob', 'allow');
    await house.store.rules.set({
      owner: uri('alice') as never,
      subject: uri('bob') as never,
      event: 'ping-state',
      permission: 'allow',
    });
    await house.clock.advance(1_000);
    const presence = await house.peer('bob').subscribe({ to: uri('alice') });
    const watch = await house.peer('bob').subscribe({ to: uri('alice'), event: 'ping-state' });
    expect(watch.response.status).toBe(200);
    const first = await watch.next();
    expect(first.wire.header('Event')).toBe('ping-state');

    const alice = house.peer('alice');
    const published = await alice.publish({ event: 'ping-state', body: 'up 12', contentType: 'text/plain' });
    expect(published.status).toBe(200);
    expect((await watch.next()).body).toContain('up 12');
    expect(presence.notifies).toHaveLength(1);
  });
});

describe('an administrator has a package loaded anew', () => {
  it('what failed too often is tried again, and how it stands is told', async () => {
    house = await openHouse();
    const module = new URL('../support/example-package.mjs', import.meta.url).href;
    await house.load('ping-state', 'example-package.mjs');
    const before = (await house.store.journal.span())?.newest ?? 0;
    const needs = { store: house.store, clock: house.clock, random: makeRandom() };
    await reloadPackage(needs, COMMAND_LINE, row(module, true, 'ping-state'));
    expect((await house.store.journal.after(before, 9)).map(({ change }) => change)).toEqual([
      { kind: 'reload', subject: '', event: 'ping-state' },
    ]);
    const since = house.clock.now();
    const standing = async () => {
      await house.clock.advance(1_000);
      return house.standings().find(({ event }) => event === 'ping-state');
    };
    await expect.poll(async () => ((await standing())?.since ?? 0) > since, { timeout: 10_000 }).toBe(true);
    expect(await standing()).toMatchObject({ state: 'loaded' });
  });
});

describe('accounts that go', () => {
  it('RFC 7616: a changed password counts from the next request on', async () => {
    house = await openHouse();
    const alice = house.peer('alice');
    expect((await alice.publish({ body: pidf('alice', 'open') })).status).toBe(200);
    const { openSecrets } = await import('#store');
    const credentials = openSecrets(new Uint8Array(32).fill(7)).credentialsFor('alice', 'example.com', 'another');
    await house.store.accounts.setSecrets(uri('alice') as never, { credentials });
    await house.clock.advance(1_000);
    expect((await alice.publish({ body: pidf('alice', 'open') })).status).toBe(401);
    expect((await alice.publish({ body: pidf('alice', 'open'), password: 'another' })).status).toBe(200);
  });
});
