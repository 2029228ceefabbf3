import { afterEach, describe, expect, it } from 'vitest';
import { aor, type House, openHouse, pidf, uri } from '../../support/house.ts';
import { databaseAway, makeLevers, slow } from '../../support/levers.ts';
import { makeRewritingPeer } from '../../support/rewriting-peer.ts';
import type { NotifyAnswer, Peer } from '../../support/sip-peer.ts';

let house: House;
afterEach(() => house.close());

const SECRET = 'in the garden';

/** Datagrams to this address that carry what only permitted watchers may read. */
const leaks = (address: string): number =>
  house.network.passages.filter(({ to, text }) => to === address && text.includes(SECRET)).length;

const notifies = (address: string): number =>
  house.network.passages.filter(({ to, text }) => to === address && text.startsWith('NOTIFY ')).length;

/** Alice allows Bob, who watches her; nothing is paced. */
async function openWatched(wrap?: NonNullable<Parameters<typeof openHouse>[0]>['wrap']) {
  house = await openHouse({ paceMs: 0, ...(wrap && { wrap }) });
  await house.rule('alice', 'bob', 'allow');
  const bob = house.peer('bob');
  return { bob, watch: await bob.subscribe({ to: uri('alice') }) };
}

/** From shortly after now on, for longer than any transaction lives, nothing of the secret is sent there. */
async function expectNothingMore(address: string, withinMs = 300): Promise<void> {
  await house.clock.advance(withinMs);
  const before = leaks(address);
  await house.clock.advance(70_000);
  expect(leaks(address)).toBe(before);
}

/** A phone that answers every NOTIFY so, from the very first one on. */
const phoneAnswering = (user: string, answer: NotifyAnswer): Peer =>
  makeRewritingPeer(house, user, (text) => {
    if (!text.startsWith('SIP/2.0 200 Answer')) return text;
    return answer === 'silence' ? undefined : text.replace('200 Answer', `${answer} Answer`);
  });

describe('what a rule takes away is taken off the wire', () => {
  for (const lesser of ['polite-block', 'confirm'] as const)
    it(`from ${lesser} to allow and back, while the phone is mute: the document in flight is abandoned`, async () => {
      house = await openHouse({ paceMs: 0 });
      await house.rule('alice', 'bob', lesser);
      const bob = house.peer('bob');
      const watch = await bob.subscribe({ to: uri('alice') });
      await watch.next();
      await house.clock.advance(1_000);
      watch.answerWith('silence');
      await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
      await house.rule('alice', 'bob', 'allow');
      await house.clock.advance(1_600);
      expect(leaks(bob.address)).toBeGreaterThan(0);

      await house.rule('alice', 'bob', lesser);
      await expectNothingMore(bob.address);
    });

  it('from allow to polite-block while the news that she is there is in flight: it is abandoned', async () => {
    const { bob, watch } = await openWatched();
    await house.clock.advance(1_000);
    watch.answerWith('silence');
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    await house.clock.advance(100);
    expect(leaks(bob.address)).toBeGreaterThan(0);

    await house.rule('alice', 'bob', 'polite-block');
    await expectNothingMore(bob.address);
  });

  it('a watcher that had read it already when the rule went back is told otherwise: nobody keeps seeing her there', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'polite-block');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await watch.next();
    await house.clock.advance(1_000);
    watch.answerWith('silence');
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    await house.rule('alice', 'bob', 'allow');
    await house.clock.advance(600);
    expect(watch.last?.body).toContain(SECRET);

    await house.rule('alice', 'bob', 'polite-block');
    await house.clock.advance(400);
    watch.answerWith(200);
    await house.clock.advance(600_000);
    expect(watch.last?.body).not.toContain(SECRET);
    expect(watch.last?.body).toContain('<basic>closed</basic>');
  });

  it('while decisions cannot be written down: what was sent counts, not what the row says', async () => {
    const levers = makeLevers();
    house = await openHouse({ paceMs: 5_000, wrap: levers.wrap });
    await house.rule('alice', 'bob', 'polite-block');
    const alice = house.peer('alice');
    const bob = house.peer('bob');
    const watch = await bob.subscribe({ to: uri('alice') });
    await house.clock.advance(1_000);
    levers.subscriptions.before = databaseAway('update');
    const first = await alice.publish({ body: pidf('alice', 'open', 'first') });
    await house.rule('alice', 'bob', 'allow');
    await house.clock.advance(6_000);
    watch.answerWith('silence');
    await alice.publish({ body: pidf('alice', 'open', SECRET), etag: first.header('SIP-ETag') });
    await house.clock.advance(700);
    expect(leaks(bob.address)).toBeGreaterThan(0);
    const [row] = await house.store.subscriptions.of(aor('alice'), house.clock.now());
    expect(row?.permission).toBe('polite-block');

    await house.rule('alice', 'bob', 'polite-block');
    await expectNothingMore(bob.address);
  });

  it('RFC 6665 §4.4.3: a fetch by a mute phone ends with the block, though it has no subscription any more', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    const bob = phoneAnswering('bob', 'silence');
    await bob.subscribe({ to: uri('alice'), expires: 0 });
    await house.clock.advance(100);
    expect(leaks(bob.address)).toBeGreaterThan(0);
    await house.rule('alice', 'bob', 'block');
    await expectNothingMore(bob.address);
  });

  it('RFC 6665 §4.2.1.2: the last document after an unsubscribe by a mute phone ends with the block', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    const bob = house.peer('bob');
    const watch = await bob.subscribe({ to: uri('alice') });
    await house.clock.advance(1_000);
    const before = leaks(bob.address);
    watch.answerWith('silence');
    await watch.unsubscribe();
    await house.clock.advance(100);
    expect(leaks(bob.address)).toBeGreaterThan(before);
    await house.rule('alice', 'bob', 'block');
    await expectNothingMore(bob.address);
  });

  for (const lesser of ['polite-block', 'confirm'] as const)
    it(`a NOTIFY under ${lesser} in flight to a mute phone: with the block it is over at once`, async () => {
      house = await openHouse({ paceMs: 0 });
      await house.rule('alice', 'bob', lesser);
      const watch = await house.peer('bob').subscribe({ to: uri('alice') });
      await watch.next();
      watch.answerWith('silence');
      await watch.refresh();
      await house.clock.advance(100);
      await house.rule('alice', 'bob', 'block');
      await house.clock.advance(1_000);
      expect(watch.last).toMatchObject({ state: 'terminated', reason: 'rejected', body: '' });
    });

  it('RFC 6665 §4.2.2: a subscription that expires while a NOTIFY is in flight to a mute phone is over at once', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: uri('alice'), expires: 60 });
    await house.clock.advance(58_000);
    watch.answerWith('silence');
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    await house.clock.advance(3_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'timeout', body: '' });
  });

  it('a subscription that expired while its NOTIFY was in flight: that one ends with the block too', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const bob = house.peer('bob');
    const watch = await bob.subscribe({ to: uri('alice'), expires: 60 });
    await house.clock.advance(58_000);
    watch.answerWith('silence');
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    await house.clock.advance(2_500);
    expect(leaks(bob.address)).toBeGreaterThan(0);
    await house.rule('alice', 'bob', 'block');
    await expectNothingMore(bob.address);
  });
});

describe('a phone that answers NOTIFYs with errors learns nothing from our attempts', () => {
  for (const rule of ['confirm', 'polite-block'] as const) {
    const threeChanges = async (): Promise<void> => {
      const alice = house.peer('alice');
      for (const note of ['one', 'two', 'three']) {
        await alice.publish({ body: pidf('alice', 'open', note) });
        await house.clock.advance(60_000);
      }
    };

    it(`${rule}: a watcher that answers every NOTIFY with 500 gets none when alice does something`, async () => {
      house = await openHouse({ paceMs: 0 });
      await house.rule('alice', 'bob', rule);
      const bob = phoneAnswering('bob', 500);
      await bob.subscribe({ to: uri('alice') });
      await house.clock.advance(60_000);
      const before = notifies(bob.address);
      expect(before).toBeGreaterThan(0);
      await threeChanges();
      expect(notifies(bob.address)).toBe(before);
    });

    it(`${rule}: nor does one that took the first NOTIFY and answers those after a refresh with 500`, async () => {
      house = await openHouse({ paceMs: 0 });
      await house.rule('alice', 'bob', rule);
      const watch = await house.peer('bob').subscribe({ to: uri('alice') });
      watch.answerWith(500);
      await house.clock.advance(1_000);
      await watch.refresh();
      await house.clock.advance(60_000);
      const before = watch.notifies.length;
      expect(before).toBe(2);
      await threeChanges();
      expect(watch.notifies).toHaveLength(before);
    });
  }
});

describe('a disabled account watches nobody', () => {
  it('disabled while a NOTIFY to its mute phone is in flight: it is abandoned, and the subscription is over', async () => {
    const { bob, watch } = await openWatched();
    await house.clock.advance(1_000);
    watch.answerWith('silence');
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    await house.clock.advance(100);
    expect(leaks(bob.address)).toBeGreaterThan(0);
    await house.store.accounts.setDisabled(aor('bob'), true);
    await expectNothingMore(bob.address, 600);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'rejected', body: '' });
  });

  it('disabled while the journal could not be read: ended as soon as the news can be had', async () => {
    const levers = makeLevers();
    const { bob, watch } = await openWatched(levers.wrap);
    await house.clock.advance(1_000);
    levers.journalIsAway = true;
    await house.clock.advance(8_000);
    await house.store.accounts.setDisabled(aor('bob'), true);
    levers.journalIsAway = false;
    await house.clock.advance(60_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'rejected' });
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    await house.clock.advance(60_000);
    expect(leaks(bob.address)).toBe(0);
  });

  it('disabled while the service was down: ended after the start', async () => {
    const { bob, watch } = await openWatched();
    await house.clock.advance(10_000);
    await house.restart(async () => void (await house.store.accounts.setDisabled(aor('bob'), true)));
    await house.clock.advance(30_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'rejected' });
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    await house.clock.advance(30_000);
    expect(leaks(bob.address)).toBe(0);
  });

  it('disabled by hand in the database: the Change «everything» ends what it watches', async () => {
    const levers = makeLevers();
    const { bob, watch } = await openWatched(levers.wrap);
    await house.clock.advance(10_000);
    levers.disableByHand(aor('bob'));
    await house.store.journal.append([{ kind: 'everything', subject: '' }], house.clock.now());
    await house.clock.advance(5_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'rejected' });
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    await house.clock.advance(30_000);
    expect(leaks(bob.address)).toBe(0);
  });

  it('disabled while its SUBSCRIBE was being committed: the first NOTIFY is the last', async () => {
    const levers = makeLevers();
    house = await openHouse({ paceMs: 0, wrap: levers.wrap });
    await house.rule('alice', 'bob', 'allow');
    const bob = house.peer('bob');
    levers.subscriptions.before = slow(house.clock, 2_000, 'insert');
    house.clock.after(500, () => void house.store.accounts.setDisabled(aor('bob'), true));
    const watch = await bob.subscribe({ to: uri('alice') });
    await house.clock.advance(60_000);
    expect(watch.notifies).toMatchObject([{ state: 'terminated', reason: 'rejected', body: '' }]);
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    await house.clock.advance(60_000);
    expect(leaks(bob.address)).toBe(0);
  });

  it('the watched account disabled while its document is in flight: it is abandoned, and there is nothing to watch', async () => {
    const { bob, watch } = await openWatched();
    await house.clock.advance(1_000);
    watch.answerWith('silence');
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    await house.clock.advance(100);
    expect(leaks(bob.address)).toBeGreaterThan(0);
    await house.store.accounts.setDisabled(aor('alice'), true);
    await expectNothingMore(bob.address, 600);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'noresource', body: '' });
  });
});

describe('a review that had to wait', () => {
  it('the rules could not be read while a NOTIFY was in flight: looked at again as soon as they can', async () => {
    const levers = makeLevers();
    const { bob, watch } = await openWatched(levers.wrap);
    await house.clock.advance(1_000);
    watch.answerWith('silence');
    await house.peer('alice').publish({ body: pidf('alice', 'open', SECRET) });
    await house.clock.advance(100);
    levers.journalIsAway = true;
    await house.clock.advance(6_000);
    await house.rule('alice', 'bob', 'block');
    levers.journalIsAway = false;
    await house.clock.advance(3_000);
    await expectNothingMore(bob.address, 0);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'rejected' });
  });
});
