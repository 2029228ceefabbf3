import { afterEach, describe, expect, it } from 'vitest';
import { type House, openHouse, pidf, uri } from '../support/house.ts';

let house: House;
afterEach(() => house.close());

const SECRET = 'in the garden';

/** Every datagram that reached this address and carries what only permitted watchers may read. */
const leaks = (address: string): number =>
  house.network.passages.filter(({ to, text }) => to === address && text.includes(SECRET)).length;

describe('no presence without permission', () => {
  it('an unknown watcher waits: 200, a pending NOTIFY without a body, and nothing of what alice does', async () => {
    house = await openHouse({ paceMs: 0 });
    const alice = house.peer('alice');
    const bob = house.peer('bob');
    await alice.publish({ body: pidf('alice', 'open', SECRET) });
    const watch = await bob.subscribe({ to: uri('alice'), expires: 600 });
    expect(watch.response.status).toBe(200);
    expect(await watch.next()).toMatchObject({ state: 'pending', body: '', contentType: '' });

    for (const note of ['one', 'two']) await alice.publish({ body: pidf('alice', 'open', SECRET + note) });
    await house.clock.advance(60_000);
    expect(watch.notifies).toHaveLength(1);
    expect(leaks(bob.address)).toBe(0);
  });

  it('approved while waiting: within a second the watcher has the document', async () => {
    house = await openHouse();
    const bob = house.peer('bob');
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    const watch = await bob.subscribe({ to: uri('alice') });
    await watch.next();
    await house.rule('alice', 'bob', 'allow');
    await house.clock.advance(1_000);
    expect(watch.last).toMatchObject({ state: 'active' });
    expect(watch.last?.body).toContain(SECRET);
    const [row] = await house.store.subscriptions.of(uri('alice') as never, house.clock.now());
    expect(row).toMatchObject({ state: 'active', permission: 'allow' });
  });

  it('blocked while watching: within a second it is over, and not a byte of presence comes after', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const alice = house.peer('alice');
    const bob = house.peer('bob');
    const watch = await bob.subscribe({ to: uri('alice') });
    await alice.publish({ body: pidf('alice', 'open', SECRET) });
    await watch.until(({ body }) => body.includes(SECRET));

    await house.rule('alice', 'bob', 'block');
    await house.clock.advance(1_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'rejected', body: '' });
    const before = leaks(bob.address);
    const heard = watch.notifies.length;

    await alice.publish({ body: pidf('alice', 'closed', SECRET) });
    await house.clock.advance(3_600_000);
    expect(leaks(bob.address)).toBe(before);
    expect(watch.notifies).toHaveLength(heard);
    expect((await watch.refresh()).status).toBe(481);
    expect((await bob.subscribe({ to: uri('alice') })).response.status).toBe(403);
  });

  it('a mute phone does not keep a forbidden document on the wire: its retransmissions end with the block', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const bob = house.peer('bob');
    const watch = await bob.subscribe({ to: uri('alice') });
    await watch.next();
    watch.answerWith('silence');
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    await house.clock.advance(1_600);
    const during = leaks(bob.address);
    expect(during).toBeGreaterThan(1);

    await house.rule('alice', 'bob', 'block');
    await house.clock.advance(300);
    const stopped = leaks(bob.address);
    await house.clock.advance(60_000);
    expect(leaks(bob.address)).toBe(stopped);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'rejected' });
  });

  it('a politely blocked watcher sees somebody who is always offline, and no sign of what really happens', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'polite-block');
    const alice = house.peer('alice');
    const bob = house.peer('bob');
    const watch = await bob.subscribe({ to: uri('alice') });
    const first = await watch.next();
    expect(first).toMatchObject({ state: 'active' });
    expect(first.body).toContain('<basic>closed</basic>');

    await alice.publish({ body: pidf('alice', 'open', SECRET) });
    await house.clock.advance(60_000);
    expect(watch.notifies).toHaveLength(1);
    await watch.refresh();
    await house.clock.advance(1_000);
    expect(watch.last?.body).toBe(first.body);
    expect(leaks(bob.address)).toBe(0);
  });

  it('from allow back to confirm: pending, without a body, from then on', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const alice = house.peer('alice');
    const bob = house.peer('bob');
    const watch = await bob.subscribe({ to: uri('alice') });
    await watch.next();
    await house.rule('alice', 'bob', 'confirm');
    await house.clock.advance(1_000);
    expect(watch.last).toMatchObject({ state: 'pending', body: '' });
    await alice.publish({ body: pidf('alice', 'open', SECRET) });
    await house.clock.advance(10_000);
    expect(leaks(bob.address)).toBe(0);
  });

  it('a rule for the domain, then one for the person, then for everybody: the most specific wins, live', async () => {
    house = await openHouse({ paceMs: 0 });
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    const stateAfter = async (
      subject: string,
      permission: Parameters<House['rule']>[2],
    ): Promise<string | undefined> => {
      await house.rule('alice', subject, permission);
      await house.clock.advance(1_000);
      return watch.last?.state;
    };
    expect(await stateAfter('*', 'allow')).toBe('active');
    expect(await stateAfter('@example.com', 'confirm')).toBe('pending');
    expect(await stateAfter('bob', 'allow')).toBe('active');
    expect(await stateAfter('*', 'block')).toBe('active');
  });

  it('DEFAULT_PERMISSION allow: strangers see; a block for one still blocks that one', async () => {
    house = await openHouse({ byDefault: 'allow', users: ['alice', 'bob', 'carol'] });
    await house.rule('alice', 'carol', 'block');
    expect((await house.peer('bob').subscribe({ to: uri('alice') })).response.status).toBe(200);
    expect((await house.peer('carol').subscribe({ to: uri('alice') })).response.status).toBe(403);
  });

  it('while news of rules cannot be had nothing is granted: 503, and NOTIFYs that carry state wait', async () => {
    let away = false;
    house = await openHouse({
      paceMs: 0,
      wrap: (store) => ({
        ...store,
        journal: {
          ...store.journal,
          after: (...asked) => (away ? Promise.reject(new Error('gone')) : store.journal.after(...asked)),
          span: () => (away ? Promise.reject(new Error('gone')) : store.journal.span()),
          byId: (...asked) => (away ? Promise.reject(new Error('gone')) : store.journal.byId(...asked)),
        },
      }),
    });
    await house.rule('alice', 'bob', 'allow');
    const alice = house.peer('alice');
    const bob = house.peer('bob');
    const watch = await bob.subscribe({ to: uri('alice') });
    await alice.publish({ body: pidf('alice', 'closed') });
    await house.clock.advance(1_000);
    const heard = watch.notifies.length;

    away = true;
    await house.clock.advance(6_000);
    const refused = await bob.subscribe({ to: uri('alice') });
    expect(refused.response.status).toBe(503);
    expect(refused.response.header('Retry-After')).toMatch(/^\d+$/);
    expect(watch.notifies).toHaveLength(heard);

    away = false;
    await house.clock.advance(6_000);
    expect((await bob.subscribe({ to: uri('alice') })).response.status).toBe(200);
  });

  it('while another process may have taken the role: 503 with Retry-After, and no NOTIFY, until it is ours again', async () => {
    let isHeld = true;
    house = await openHouse({ holdsRole: () => isHeld });
    await house.rule('alice', 'bob', 'allow');
    const alice = house.peer('alice');
    const bob = house.peer('bob');
    const watch = await bob.subscribe({ to: uri('alice') });
    const first = await alice.publish({ body: pidf('alice', 'closed') });
    await house.clock.advance(1_000);
    // Within the pace: its NOTIFY is due later.
    const second = await alice.publish({ body: pidf('alice', 'open', 'later'), etag: first.header('SIP-ETag') });
    const heard = watch.notifies.length;

    isHeld = false;
    await house.clock.advance(60_000);
    for (const refused of [
      (await bob.subscribe({ to: uri('alice') })).response,
      await alice.publish({ body: pidf('alice', 'closed'), etag: second.header('SIP-ETag') }),
    ]) {
      expect(refused.status).toBe(503);
      expect(refused.header('Retry-After')).toMatch(/^\d+$/);
    }
    expect(watch.notifies).toHaveLength(heard);

    isHeld = true;
    await house.clock.advance(6_000);
    expect(watch.last?.body).toContain('later');
    expect((await bob.subscribe({ to: uri('alice') })).response.status).toBe(200);
  });
});
