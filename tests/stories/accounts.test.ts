import { afterEach, describe, expect, it } from 'vitest';
import { pause } from '#runtime';
import { StoreUnavailable } from '#store';
import { aor, type House, openHouse, pidf, uri } from '../support/house.ts';

let house: House;
afterEach(() => house.close());

const publicationsOf = (user: string) => house.store.publications.of(aor(user), 0);
const subscriptionsTo = (user: string) => house.store.subscriptions.of(aor(user), 0);

/** Alice is published and bob, who may, watches her. */
async function aliceWatchedByBob() {
  house = await openHouse({ paceMs: 0 });
  await house.rule('alice', 'bob', 'allow');
  const alice = house.peer('alice');
  const bob = house.peer('bob');
  const published = await alice.publish({ body: pidf('alice', 'open', 'here') });
  const watch = await bob.subscribe({ to: uri('alice') });
  await watch.until(({ body }) => body.includes('here'));
  return { alice, bob, published, watch };
}

describe('an account that the administrator disables', () => {
  it('RFC 6665 §4.1.3: its watchers are told noresource, its publications go, 401 for it and 404 to it', async () => {
    const { alice, bob, published, watch } = await aliceWatchedByBob();
    await house.store.accounts.setDisabled(aor('alice'), true);
    await house.clock.advance(1_000);

    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'noresource', body: '' });
    expect(await publicationsOf('alice')).toEqual([]);
    expect(await subscriptionsTo('alice')).toEqual([]);
    expect((await alice.publish({ etag: published.header('SIP-ETag') })).status).toBe(401);
    expect((await alice.subscribe({ to: uri('bob') })).response.status).toBe(401);
    expect((await bob.subscribe({ to: uri('alice') })).response.status).toBe(404);
  });

  it('RFC 6665 §4.1.3: what it watches ends as rejected, and not a byte follows', async () => {
    const { alice, bob, watch } = await aliceWatchedByBob();
    await house.store.accounts.setDisabled(aor('bob'), true);
    await house.clock.advance(1_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'rejected', body: '' });
    const heard = watch.notifies.length;
    const received = bob.received.length;
    await alice.publish({ body: pidf('alice', 'closed', 'secret') });
    await house.clock.advance(60_000);
    expect(watch.notifies).toHaveLength(heard);
    expect(bob.received).toHaveLength(received);
    expect(await publicationsOf('alice')).toHaveLength(2);
  });

  it('enabled again it publishes and is watched as before; what was published before is not back', async () => {
    const { alice, bob } = await aliceWatchedByBob();
    await house.store.accounts.setDisabled(aor('alice'), true);
    await house.clock.advance(1_000);
    await house.store.accounts.setDisabled(aor('alice'), false);
    await house.clock.advance(1_000);
    const watch = await bob.subscribe({ to: uri('alice') });
    expect((await watch.next()).body).not.toContain('here');
    expect((await alice.publish({ body: pidf('alice', 'open', 'again') })).status).toBe(200);
    await watch.until(({ body }) => body.includes('again'));
  });

  it('while nobody served: after the start its publications go and its watchers are told', async () => {
    const { watch } = await aliceWatchedByBob();
    await house.restart(async () => void (await house.store.accounts.setDisabled(aor('alice'), true)));
    await house.clock.advance(5_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'noresource' });
    expect(await publicationsOf('alice')).toEqual([]);
    expect(await subscriptionsTo('alice')).toEqual([]);
  });

  it('with the database away just then: looked at again until it is known', async () => {
    let away = false;
    house = await openHouse({
      wrap: (store) => ({
        ...store,
        accounts: {
          ...store.accounts,
          credentials: async (aors) => {
            if (away) throw new StoreUnavailable('away');
            return store.accounts.credentials(aors);
          },
        },
      }),
    });
    await house.peer('alice').publish({ body: pidf('alice', 'open') });
    away = true;
    await house.store.accounts.setDisabled(aor('alice'), true);
    await house.clock.advance(10_000);
    expect(await publicationsOf('alice')).toHaveLength(1);
    away = false;
    await house.clock.advance(3_000);
    expect(await publicationsOf('alice')).toEqual([]);
  });

  it('a new password leaves what is published and watched as it is', async () => {
    const { watch } = await aliceWatchedByBob();
    const heard = watch.notifies.length;
    await house.store.accounts.setSecrets(aor('alice'), { passwordHash: 'another' });
    await house.clock.advance(10_000);
    expect(watch.notifies).toHaveLength(heard);
    expect(await publicationsOf('alice')).toHaveLength(1);
  });
});

describe('an account that the administrator deletes', () => {
  it('its watchers are told noresource, what it watches ends as rejected, and nothing of it is left', async () => {
    const { alice, bob, watch } = await aliceWatchedByBob();
    await house.rule('bob', 'alice', 'allow');
    const hers = await alice.subscribe({ to: uri('bob') });
    await hers.next();
    await house.store.accounts.remove(aor('alice'));
    await house.clock.advance(1_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'noresource', body: '' });
    expect(hers.last).toMatchObject({ state: 'terminated', reason: 'rejected', body: '' });
    expect(await publicationsOf('alice')).toEqual([]);
    expect(await subscriptionsTo('bob')).toEqual([]);
    expect((await bob.subscribe({ to: uri('alice') })).response.status).toBe(404);
    expect((await alice.publish({ body: pidf('alice', 'open') })).status).toBe(401);
  });

  it('whoever takes the name at once gets nothing of what was before: no publication, no subscription', async () => {
    const { alice, bob, watch } = await aliceWatchedByBob();
    await house.rule('bob', 'alice', 'allow');
    const hers = await alice.subscribe({ to: uri('bob') });
    await hers.next();
    await house.store.accounts.remove(aor('alice'));
    await house.addUser('alice');
    await house.rule('alice', 'bob', 'allow');
    await house.clock.advance(1_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'noresource' });
    expect(hers.last).toMatchObject({ state: 'terminated', reason: 'rejected' });
    const fresh = await bob.subscribe({ to: uri('alice') });
    expect((await fresh.next()).body).not.toContain('here');
  });
});

describe('what the administrator ends by a row of the journal', () => {
  it('RFC 6665 §4.1.3: a subscription ends as deactivated; the watcher may come back at once', async () => {
    const { alice, bob, watch } = await aliceWatchedByBob();
    const [row] = await subscriptionsTo('alice');
    const change = { kind: 'subscription', subject: aor('alice'), id: row?.id ?? '' } as const;
    await house.store.journal.append([change, change], house.clock.now());
    await house.clock.advance(1_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'deactivated', body: '' });
    expect(watch.notifies.filter(({ state }) => state === 'terminated')).toHaveLength(1);
    expect(await subscriptionsTo('alice')).toEqual([]);
    expect((await watch.refresh()).status).toBe(481);
    const again = await bob.subscribe({ to: uri('alice') });
    expect((await again.next()).body).toContain('here');
    await alice.publish({ body: pidf('alice', 'closed', 'gone home') });
    await again.until(({ body }) => body.includes('gone home'));
  });

  it('RFC 3903 §6 step 3: a publication goes, its watchers see it, and its device is answered 412', async () => {
    const { alice, published, watch } = await aliceWatchedByBob();
    const [row] = await publicationsOf('alice');
    const change = { kind: 'publication', subject: aor('alice'), id: row?.id ?? '' } as const;
    await house.store.journal.append([change, change], house.clock.now());
    await house.clock.advance(1_000);
    expect(watch.last?.state).toBe('active');
    expect(watch.last?.body).not.toContain('here');
    expect(await publicationsOf('alice')).toEqual([]);
    expect((await alice.publish({ etag: published.header('SIP-ETag') })).status).toBe(412);
    expect((await alice.publish({ body: pidf('alice', 'open', 'anew') })).status).toBe(200);
  });

  it('ids that are not there are nobody’s: nothing happens', async () => {
    const { watch } = await aliceWatchedByBob();
    const heard = watch.notifies.length;
    await house.store.journal.append(
      [
        { kind: 'subscription', subject: aor('alice'), id: 'x' },
        { kind: 'publication', subject: aor('alice'), id: 'x' },
      ],
      house.clock.now(),
    );
    await house.clock.advance(10_000);
    expect(watch.notifies).toHaveLength(heard);
  });
});

it('I subscribe to somebody of whom nothing is at hand: my phone waits for one reading of the database, not for two', async () => {
  const late = async <T>(reading: Promise<T>): Promise<T> => {
    await pause(house.clock, 1_000);
    return reading;
  };
  house = await openHouse({
    paceMs: 0,
    wrap: (store) => ({
      ...store,
      accounts: { ...store.accounts, credentials: (...asked) => late(store.accounts.credentials(...asked)) },
      rules: { ...store.rules, ofMany: (owners) => late(store.rules.ofMany(owners)) },
    }),
  });
  await house.rule('alice', 'bob', 'allow');
  const bob = house.peer('bob');
  await bob.publish({ body: pidf('bob', 'open') });
  // All is forgotten; who has published is looked at again, and so is known.
  await house.store.journal.append([{ kind: 'everything', subject: '' }], house.clock.now());
  await house.clock.advance(10_000);
  const askedAt = house.clock.now();
  const watch = await bob.subscribe({ to: uri('alice') });
  expect(watch.response.status).toBe(200);
  expect(house.clock.now() - askedAt).toBeLessThan(2_000);
});
