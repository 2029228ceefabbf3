import { afterEach, describe, expect, it } from 'vitest';
import { type House, openHouse, pidf, uri } from '../support/house.ts';
import { databaseAway, makeLevers } from '../support/levers.ts';

let house: House;
afterEach(() => house.close());

describe('kill -9 of the SIP service', () => {
  it('publications and subscriptions are there again: the next PUBLISH reaches the watcher without a new SUBSCRIBE', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const alice = house.peer('alice');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    const first = await alice.publish({ body: pidf('alice', 'open', 'before') });
    await watch.until(({ body }) => body.includes('before'));
    const lastCseq = watch.last?.cseq ?? 0;

    await house.restart();
    await house.clock.advance(5_000);
    const next = await alice.publish({ body: pidf('alice', 'open', 'after'), etag: first.header('SIP-ETag') });
    expect(next.status).toBe(200);
    const told = await watch.until(({ body }) => body.includes('after'));
    expect(told.cseq).toBeGreaterThan(lastCseq);
    expect(watch.late).toEqual([]);
  });

  it('between the 200 to a PUBLISH and its NOTIFY: the watcher is told after the start, without acting', async () => {
    house = await openHouse();
    await house.rule('alice', 'bob', 'allow');
    const alice = house.peer('alice');
    const bob = house.peer('bob');
    const watch = await bob.subscribe({ to: uri('alice') });
    await alice.publish({ body: pidf('alice', 'closed') });
    await house.clock.advance(10_000);

    // The NOTIFY does not get through, the 200 does.
    house.network.cut('192.0.2.1:5060', bob.address);
    expect((await alice.publish({ body: pidf('alice', 'open', 'just now') })).status).toBe(200);
    await house.restart(async () => house.network.heal());
    await house.clock.advance(15_000);
    expect(watch.last?.body).toContain('just now');
  });

  it('a rule turned to block while the service was down: the watcher is told that it is over, and no presence', async () => {
    house = await openHouse();
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await house.peer('alice').publish({ body: pidf('alice', 'open') });
    await house.clock.advance(10_000);
    const heard = watch.notifies.length;

    await house.restart(() => house.rule('alice', 'bob', 'block'));
    await house.clock.advance(15_000);
    expect(watch.notifies.slice(heard)).toMatchObject([{ state: 'terminated', reason: 'rejected', body: '' }]);
  });

  it('who was approved while the service was down is told', async () => {
    house = await openHouse();
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await house.peer('alice').publish({ body: pidf('alice', 'open', 'hello') });
    await house.clock.advance(10_000);
    await house.restart(() => house.rule('alice', 'bob', 'allow'));
    await house.clock.advance(15_000);
    expect(watch.last).toMatchObject({ state: 'active' });
    expect(watch.last?.body).toContain('hello');
  });

  it('where nothing changed nobody is told again', async () => {
    house = await openHouse();
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await house.peer('alice').publish({ body: pidf('alice', 'open') });
    // Long enough for the marks of what was told to be written.
    await house.clock.advance(60_000);
    const heard = watch.notifies.length;
    await house.restart();
    await house.clock.advance(30_000);
    expect(watch.notifies).toHaveLength(heard);
  });

  it('what ended while the service was down is ended after the start, and its watchers are told', async () => {
    house = await openHouse();
    await house.rule('alice', 'bob', 'allow');
    const long = await house.peer('bob').subscribe({ to: uri('alice'), expires: 3600 });
    const short = await house.peer('bob').subscribe({ to: uri('alice'), expires: 120 });
    await house.peer('alice').publish({ body: pidf('alice', 'open'), expires: 120 });
    await house.clock.advance(10_000);
    await house.restart(() => house.clock.advance(300_000));
    await house.clock.advance(15_000);
    expect(short.last).toMatchObject({ state: 'terminated', reason: 'timeout' });
    expect(long.last?.body).toContain('<basic>closed</basic>');
  });

  it('RFC 7616 §3.3: a nonce of the run before is stale, one round more and never a failure', async () => {
    house = await openHouse();
    const alice = house.peer('alice');
    const first = await alice.publish({ body: pidf('alice', 'open') });
    await house.restart();
    const again = await alice.publish({ etag: first.header('SIP-ETag') });
    expect(again.status).toBe(200);
    const challenge = alice.received.filter(({ status }) => status === 401).at(-1);
    expect(challenge?.header('WWW-Authenticate')).toMatch(/stale=true/i);
  });
});

describe('SIGTERM', () => {
  async function tellBob() {
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await house.peer('alice').publish({ body: pidf('alice', 'open', 'just now') });
    await watch.until(({ body }) => body.includes('just now'));
    return watch;
  }

  it('right after everything changed: nobody is told again what they know', async () => {
    house = await openHouse({ paceMs: 0 });
    const watch = await tellBob();
    const told = watch.notifies.length;
    await house.restartGently();
    await house.clock.advance(20_000);
    expect(watch.notifies).toHaveLength(told);
  });

  it('while the database is away: it ends all the same, and who was told last is told once more', async () => {
    const levers = makeLevers();
    house = await openHouse({ paceMs: 0, wrap: levers.wrap });
    const watch = await tellBob();
    const told = watch.notifies.length;
    levers.subscriptions.before = databaseAway('update');
    await house.restartGently();
    levers.subscriptions.before = undefined;
    await house.clock.advance(20_000);
    expect(watch.notifies).toHaveLength(told + 1);
    expect(watch.last?.body).toContain('just now');
  });
});
