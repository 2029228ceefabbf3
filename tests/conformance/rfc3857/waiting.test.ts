import { afterEach, describe, expect, it } from 'vitest';
import type { WaitingSubscription } from '#model';
import { StoreUnavailable } from '#store';
import { MOST_BY_WATCHER, WAITING_MS } from '#watchers';
import { aor, type House, openHouse, pidf, uri } from '../../support/house.ts';
import type { Watch } from '../../support/sip-peer.ts';
import { readWatcherinfo, tableOf, worded } from '../../support/watcherinfo.ts';

let house: House;
afterEach(() => house.close());

const DAY_MS = 24 * 3_600_000;
const fetchWatchers = async (): Promise<readonly string[]> => {
  const watch = await house.peer('alice').subscribe({ to: uri('alice'), event: 'presence.winfo', expires: 0 });
  return worded(readWatcherinfo((await watch.next()).body));
};
const follow = (): Promise<Watch> => house.peer('alice').subscribe({ to: uri('alice'), event: 'presence.winfo' });
const said = (watch: Watch): readonly string[] => worded(readWatcherinfo(watch.last?.body ?? ''));
const rows = async () => house.store.waiting.of(aor('alice'), house.clock.now());
async function everywhere(): Promise<readonly WaitingSubscription[]> {
  const all: WaitingSubscription[] = [];
  for await (const page of house.store.waiting.all()) all.push(...page);
  return all;
}
const pace = (): Promise<void> => house.clock.advance(6_000);
/** Days go by while nobody serves: a service that runs looks at its journal five times in each second of them. */
const later = (ms: number): Promise<void> => house.restart(() => house.clock.advance(ms));
/** Bob asks for ten minutes, and nobody answers. */
async function askInVain(user = 'bob'): Promise<void> {
  await house.peer(user).subscribe({ to: uri('alice'), expires: 600 });
  await house.clock.advance(601_000);
}

describe('RFC 3857 §4.7.1: a question outlives its subscription', () => {
  it('pending that expires waits, under the same id, and is found days later', async () => {
    house = await openHouse();
    await house.peer('bob').subscribe({ to: uri('alice'), expires: 600 });
    const [before] = await house.store.subscriptions.of(aor('alice'), house.clock.now());
    await house.clock.advance(601_000);
    expect(await house.store.subscriptions.of(aor('alice'), 0)).toEqual([]);
    expect(await rows()).toMatchObject([
      { id: before?.id, watcher: aor('bob'), event: 'presence', askedAt: before?.createdAt },
    ]);
    await later(5 * DAY_MS);
    expect(await fetchWatchers()).toEqual(['bob waiting timeout']);
  });

  it('a phone that went without a word leaves its question too (RFC 6665 §4.2.2, timer F)', async () => {
    house = await openHouse();
    const bob = await house.peer('bob').subscribe({ to: uri('alice'), expires: 600 });
    await bob.next();
    bob.answerWith(481);
    await bob.refresh();
    await house.clock.advance(1_000);
    expect(await fetchWatchers()).toEqual(['bob waiting timeout']);
  });

  it('an active subscription leaves none', async () => {
    house = await openHouse();
    await house.rule('alice', 'bob', 'allow');
    await askInVain();
    expect(await rows()).toEqual([]);
  });

  it.each([
    ['allow', 'bob terminated approved', 200],
    ['polite-block', 'bob terminated approved', 200],
    ['block', 'bob terminated rejected', 403],
  ] as const)('waiting and %s: «%s», and the next SUBSCRIBE is answered %i', async (permission, told, status) => {
    house = await openHouse();
    const alice = await follow();
    await askInVain();
    await house.rule('alice', 'bob', permission);
    await pace();
    expect(said(alice)).toEqual([told]);
    expect(await rows()).toEqual([]);
    const again = await house.peer('bob').subscribe({ to: uri('alice') });
    expect(again.response.status).toBe(status);
    if (status === 200) expect(await again.next()).toMatchObject({ state: 'active' });
  });

  it('the same watcher asks again: the old question gives up, once, and the new subscription is pending', async () => {
    house = await openHouse();
    const alice = await follow();
    await askInVain();
    await pace();
    const before = alice.notifies.length;
    await house.peer('bob').subscribe({ to: uri('alice'), expires: 600 });
    await pace();
    expect([...said(alice)].sort()).toEqual(['bob pending subscribe', 'bob terminated giveup']);
    expect(await rows()).toEqual([]);
    await house.clock.advance(601_000);
    const giveUps = alice.notifies.slice(before).filter(({ body }) => body.includes('giveup'));
    expect(giveUps).toHaveLength(1);
    expect(said(alice)).toEqual(['bob waiting timeout']);
    expect(await rows()).toHaveLength(1);
  });

  it('of two phones that ask, the last leaves the question', async () => {
    house = await openHouse();
    await house.peer('bob').subscribe({ to: uri('alice'), expires: 600 });
    await house.peer('bob').subscribe({ to: uri('alice'), expires: 1200 });
    await house.clock.advance(601_000);
    expect(await fetchWatchers()).toEqual(['bob pending subscribe']);
    await house.clock.advance(600_000);
    expect(await fetchWatchers()).toEqual(['bob waiting timeout']);
  });

  it('after so many days the server gives up, and says so', async () => {
    house = await openHouse();
    await askInVain();
    await later(WAITING_MS - 60_000);
    const alice = await follow();
    await alice.next();
    expect(said(alice)).toEqual(['bob waiting timeout']);
    await house.clock.advance(60_000);
    expect(said(alice)).toEqual(['bob terminated giveup']);
    expect(await rows()).toEqual([]);
    expect(await everywhere()).toEqual([]);
  });

  it('a fetch by somebody who must ask leaves a question, so that polling phones can be approved', async () => {
    house = await openHouse();
    const alice = await follow();
    const bob = house.peer('bob');
    const poll = async () => (await bob.subscribe({ to: uri('alice'), expires: 0 })).next();
    expect(await poll()).toMatchObject({ state: 'terminated', reason: 'timeout', body: '' });
    await pace();
    expect(said(alice)).toEqual(['bob waiting timeout']);
    const [first] = await rows();
    const told = alice.notifies.length;
    for (let time = 0; time < 5; time += 1) {
      await poll();
      await house.clock.advance(30_000);
    }
    // It goes on waiting as the same question, and nobody is told twice.
    expect(alice.notifies).toHaveLength(told);
    expect(await rows()).toEqual([first]);

    await house.peer('alice').publish({ body: pidf('alice', 'open', 'in the garden') });
    await house.rule('alice', 'bob', 'allow');
    await pace();
    expect(said(alice)).toEqual(['bob terminated approved']);
    expect((await poll()).body).toContain('in the garden');
    expect(await rows()).toEqual([]);
  });

  it('a phone that polls for longer than a question waits is still asking', async () => {
    house = await openHouse();
    const bob = house.peer('bob');
    for (let day = 0; day < 20; day += 1) {
      await bob.subscribe({ to: uri('alice'), expires: 0 });
      await later(DAY_MS);
    }
    expect(await fetchWatchers()).toEqual(['bob waiting timeout']);
  });

  it('a fetch that is refused, or for nobody, leaves nothing', async () => {
    house = await openHouse();
    await house.rule('alice', 'bob', 'block');
    const bob = house.peer('bob');
    expect((await bob.subscribe({ to: uri('alice'), expires: 0 })).response.status).toBe(403);
    expect((await bob.subscribe({ to: uri('nobody'), expires: 0 })).response.status).toBe(404);
    expect(await everywhere()).toEqual([]);
  });
});

describe('RFC 3857 §4.7.1, §6.1: what waits is bounded, and survives', () => {
  it('one watcher has so many questions; the oldest gives way', async () => {
    const owners = Array.from({ length: MOST_BY_WATCHER + 2 }, (_, index) => `o${index}`);
    house = await openHouse({ users: ['bob', ...owners] });
    const bob = house.peer('bob');
    for (const owner of owners) {
      await bob.subscribe({ to: uri(owner), expires: 0 });
      await house.clock.advance(10);
    }
    const all = await everywhere();
    expect(all).toHaveLength(MOST_BY_WATCHER);
    expect(all.map(({ presentity }) => presentity)).not.toContain(aor('o1'));
    expect(all.map(({ presentity }) => presentity)).toContain(aor('o2'));
  });

  it('a restart: questions are there, those decided meanwhile are not, and expired subscriptions still become some', async () => {
    house = await openHouse({ users: ['alice', 'bob', 'carol', 'dave'] });
    await askInVain('bob');
    await askInVain('carol');
    await house.peer('dave').subscribe({ to: uri('alice'), expires: 60 });
    await house.restart(async () => {
      await house.rule('alice', 'carol', 'allow');
      await house.clock.advance(120_000);
    });
    await house.clock.advance(40_000);
    expect((await rows()).map(({ watcher }) => watcher)).toEqual([aor('bob'), aor('dave')]);
    expect(await fetchWatchers()).toEqual(['bob waiting timeout', 'dave waiting timeout']);
  });

  it('a crash between two commits leaves the question once', async () => {
    house = await openHouse();
    await askInVain();
    const [question] = await rows();
    await house.peer('bob').subscribe({ to: uri('alice') });
    await house.restart(async () => {
      if (question !== undefined) await house.store.waiting.write({ kind: 'keep', waiting: question });
    });
    await house.clock.advance(2_000);
    expect(await fetchWatchers()).toEqual(['bob pending subscribe']);
    expect(await rows()).toEqual([]);
  });

  it('questions of and to an account that is deleted go with it', async () => {
    house = await openHouse({ users: ['alice', 'bob', 'carol'] });
    await askInVain('bob');
    await house.peer('alice').subscribe({ to: uri('carol'), expires: 0 });
    const alice = await follow();
    await alice.next();
    await house.store.accounts.remove(aor('bob'));
    await pace();
    expect(said(alice)).toEqual(['bob terminated rejected']);
    await house.store.accounts.remove(aor('alice'));
    await pace();
    expect(await everywhere()).toEqual([]);
  });

  it('the administrator’s order ends a question: giveup', async () => {
    house = await openHouse();
    const alice = await follow();
    await askInVain();
    const [question] = await rows();
    await house.store.journal.append(
      [{ kind: 'subscription', subject: aor('alice'), id: question?.id ?? '' }],
      house.clock.now(),
    );
    await pace();
    expect(said(alice)).toEqual(['bob terminated giveup']);
    expect(await rows()).toEqual([]);
  });

  it('while the database is away a question is kept in mind, and written once it is back', async () => {
    let away = false;
    house = await openHouse({
      wrap: (store) => ({
        ...store,
        waiting: {
          ...store.waiting,
          async write(write) {
            if (away) throw new StoreUnavailable('away');
            return store.waiting.write(write);
          },
        },
      }),
    });
    const alice = await follow();
    away = true;
    await askInVain();
    await pace();
    expect(said(alice)).toEqual(['bob waiting timeout']);
    expect(await rows()).toEqual([]);
    away = false;
    await house.clock.advance(11_000);
    expect(await rows()).toHaveLength(1);
  });

  it('what a receiver puts together over days of comings and goings is what a fetch says', async () => {
    house = await openHouse({ users: ['alice', 'bob', 'carol', 'dave'] });
    const alice = await follow();
    for (const [user, permission] of [
      ['bob', 'allow'],
      ['carol', 'block'],
      ['dave', 'confirm'],
      ['bob', 'confirm'],
    ] as const) {
      await askInVain(user);
      await alice.refresh();
      await house.rule('alice', user, permission);
      await house.peer(user).subscribe({ to: uri('alice'), expires: 600 });
      await pace();
    }
    const table = [...tableOf(alice.notifies.map(({ body }) => body)).values()];
    expect(table.map(({ uri: who, status }) => `${/:(.*)@/.exec(who)?.[1]} ${status}`).sort()).toEqual(
      (await fetchWatchers()).map((line) => line.split(' ').slice(0, 2).join(' ')).sort(),
    );
  });
});
