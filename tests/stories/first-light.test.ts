import { afterEach, describe, expect, it } from 'vitest';
import { type House, openHouse, pidf, uri } from '../support/house.ts';

let house: House;
afterEach(() => house.close());

/** What a watcher's phone shows: the basic status of the first tuple. */
const shows = (body: string): string | undefined => /<basic>(\w+)<\/basic>/.exec(body)?.[1];

describe('one presentity, one watcher', () => {
  it('bob watches alice, sees her come online and go offline', async () => {
    house = await openHouse();
    await house.rule('alice', 'bob', 'allow');
    const alice = house.peer('alice');
    const bob = house.peer('bob');

    const watch = await bob.subscribe({ to: uri('alice'), expires: 600 });
    expect(watch.response.status).toBe(200);
    expect(shows((await watch.next()).body)).toBe('closed');

    const published = await alice.publish({ body: pidf('alice', 'open', 'at my desk') });
    expect(published.status).toBe(200);
    const online = await watch.next();
    expect(online.state).toBe('active');
    expect(shows(online.body)).toBe('open');
    expect(online.body).toContain('at my desk');

    await house.clock.advance(5_000);
    await alice.publish({ etag: published.header('SIP-ETag'), expires: 0 });
    expect(shows((await watch.next()).body)).toBe('closed');
  });

  it('several devices are one presence: the phone that is open is told first, and one that goes leaves the other', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const desk = house.peer('alice');
    const mobile = house.peer('alice');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });

    await desk.publish({ body: pidf('alice', 'closed', 'desk', 'same') });
    const moving = await mobile.publish({ body: pidf('alice', 'open', 'mobile', 'same') });
    const both = await watch.until(({ body }) => body.includes('mobile'));
    expect(both.body).toContain('desk');
    expect(shows(both.body)).toBe('open');
    expect(new Set(both.body.match(/ id="[^"]*"/g)).size).toBe(2);

    await mobile.publish({ etag: moving.header('SIP-ETag'), expires: 0 });
    await house.clock.advance(1_000);
    expect(watch.last?.body).not.toContain('mobile');
    expect(watch.last?.body).toContain('desk');
  });

  it('a watcher who came before the presentity had any state is told when it comes', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await watch.next();
    await house.clock.advance(1_800_000);
    await house.peer('alice').publish({ body: pidf('alice', 'open') });
    expect(shows((await watch.next()).body)).toBe('open');
  });

  it('a device that falls silent is gone when its publication ends, and the watcher is told', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await house.peer('alice').publish({ body: pidf('alice', 'open'), expires: 120 });
    expect(shows((await watch.until(({ body }) => shows(body) === 'open')).body)).toBe('open');

    await house.clock.advance(119_000);
    expect(shows(watch.last?.body ?? '')).toBe('open');
    await house.clock.advance(2_000);
    expect(shows(watch.last?.body ?? '')).toBe('closed');
    await house.clock.advance(2_000);
    expect(await toArray(house.store.publications.all())).toEqual([]);
  });

  it('a watcher that falls silent is told that its subscription is over, and hears nothing after that', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: uri('alice'), expires: 60 });
    await watch.next();
    await house.clock.advance(61_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'timeout' });

    const heard = watch.notifies.length;
    await house.peer('alice').publish({ body: pidf('alice', 'open') });
    await house.clock.advance(60_000);
    expect(watch.notifies).toHaveLength(heard);
    expect(await toArray(house.store.subscriptions.all())).toEqual([]);
  });

  it('alice watches herself without a rule', async () => {
    house = await openHouse();
    const watch = await house.peer('alice').subscribe({ to: uri('alice') });
    expect(await watch.next()).toMatchObject({ state: 'active' });
  });

  it('an address of the server means its domain, in the Request-URI and in From', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: 'sip:alice@192.0.2.1', from: 'sip:bob@alias.example.com' });
    expect(watch.response.status).toBe(200);
    await house.peer('alice').publish({ to: 'sip:alice@192.0.2.1:5060', body: pidf('alice', 'open') });
    expect((await watch.until(({ body }) => shows(body) === 'open')).body).toContain('entity="sip:alice@example.com"');
  });
});

async function toArray<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}
