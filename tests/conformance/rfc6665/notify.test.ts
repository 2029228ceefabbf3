import { afterEach, describe, expect, it } from 'vitest';
import { aor, type House, openHouse, pidf, uri } from '../../support/house.ts';
import type { Peer, Watch } from '../../support/sip-peer.ts';

let house: House;
afterEach(() => house.close());

async function start(options: Parameters<typeof openHouse>[0] = {}): Promise<{ alice: Peer; bob: Peer; watch: Watch }> {
  house = await openHouse({ paceMs: 0, ...options });
  await house.rule('alice', 'bob', 'allow');
  await house.clock.advance(1_000);
  const bob = house.peer('bob');
  const watch = await bob.subscribe({ to: uri('alice'), expires: 3000 });
  await watch.next();
  return { alice: house.peer('alice'), bob, watch };
}

const rows = () => house.store.subscriptions.of(aor('alice'), house.clock.now());

describe('RFC 6665 §4.2.2: sending NOTIFY', () => {
  it('§4.2.1.2: a NOTIFY follows every 2xx, the 200 goes first', async () => {
    const { bob } = await start();
    const order = house.network.passages.filter(({ to }) => to === bob.address).map(({ text }) => text.split(' ', 2));
    expect(order.at(-2)).toEqual(['SIP/2.0', '200']);
    expect(order.at(-1)?.[0]).toBe('NOTIFY');
  });

  it('§4.4.1: From and To are the dialog’s, the Request-URI is the watcher’s Contact', async () => {
    const { bob, watch } = await start();
    const notify = watch.last?.wire;
    expect(notify?.uri).toBe(`sip:bob@${bob.address}`);
    expect(notify?.header('From')).toContain(`<${uri('alice')}>`);
    expect(notify?.header('To')).toContain(`<${uri('bob')}>`);
    expect(notify?.header('Call-ID')).toBe(watch.callId);
    expect(notify?.header('Max-Forwards')).toBe('70');
    expect(notify?.header('Contact')).toBe('<sip:192.0.2.1:5060>');
  });

  it('§4.2.2: expires is the time that is left', async () => {
    const { alice, watch } = await start();
    await house.clock.advance(1_000_000);
    await alice.publish({ body: pidf('alice', 'open') });
    const { expires = 0 } = await watch.next();
    expect(expires).toBeGreaterThan(1_990);
    expect(expires).toBeLessThanOrEqual(2_000);
  });

  it('§3.2.1: every NOTIFY has one Event, that of its SUBSCRIBE', async () => {
    const { alice, bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice'), event: 'Presence;id=a.1' });
    await watch.next();
    await alice.publish({ body: pidf('alice', 'open') });
    await watch.next();
    for (const { wire } of watch.notifies) expect(wire.headers('Event')).toEqual(['presence;id=a.1']);
  });

  it('§4.2.2: every NOTIFY says where the subscription stands: expires while it lives, a reason when it is over', async () => {
    const { alice, bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice'), expires: 600 });
    await watch.next();
    await house.rule('alice', 'bob', 'confirm');
    await house.clock.advance(5_000);
    await house.rule('alice', 'bob', 'allow');
    await house.clock.advance(5_000);
    await alice.publish({ body: pidf('alice', 'open') });
    await house.clock.advance(700_000);
    expect(new Set(watch.notifies.map(({ state }) => state))).toEqual(new Set(['active', 'pending', 'terminated']));
    for (const { wire, state } of watch.notifies) {
      expect(wire.headers('Subscription-State')).toEqual([
        state === 'terminated' ? 'terminated;reason=timeout' : expect.stringMatching(/^(active|pending);expires=\d+$/),
      ]);
    }
  });

  it('RFC 3261 §12.2.1.1: CSeq grows by one with each NOTIFY', async () => {
    const { alice, watch } = await start();
    for (const note of ['a', 'b', 'c']) {
      await alice.publish({ body: pidf('alice', 'open', note) });
      await watch.next();
    }
    expect(watch.notifies.map(({ cseq }) => cseq)).toEqual([1, 2, 3, 4]);
  });

  it.each([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604])(
    '§4.2.2: %d to a NOTIFY ends the subscription, and nothing follows',
    async (status) => {
      const { alice, watch } = await start();
      watch.answerWith(status);
      await alice.publish({ body: pidf('alice', 'open', 'one') });
      await watch.next();
      await house.clock.advance(1_000);
      expect(await rows()).toEqual([]);
      const heard = watch.notifies.length;
      await alice.publish({ body: pidf('alice', 'open', 'two') });
      await house.clock.advance(60_000);
      expect(watch.notifies).toHaveLength(heard);
    },
  );

  it.each([400, 403, 401, 407, 500, 503, 600])(
    '§4.2.2: %d to a NOTIFY keeps it; the next change is told',
    async (status) => {
      const { alice, watch } = await start();
      watch.answerWith(status);
      await alice.publish({ body: pidf('alice', 'open', 'one') });
      await watch.next();
      await house.clock.advance(1_000);
      watch.answerWith(200);
      await alice.publish({ body: pidf('alice', 'open', 'two') });
      expect((await watch.next()).body).toContain('two');
    },
  );

  it('§4.2.2: 202 to a NOTIFY is a success', async () => {
    const { alice, watch } = await start();
    watch.answerWith(202);
    await alice.publish({ body: pidf('alice', 'open', 'one') });
    await watch.next();
    await house.clock.advance(1_000);
    expect(await rows()).toHaveLength(1);
  });

  it('§4.2.2: a watcher that does not answer for Timer F is gone', async () => {
    const { alice, watch } = await start();
    watch.answerWith('silence');
    await alice.publish({ body: pidf('alice', 'open', 'one') });
    await watch.next();
    await house.clock.advance(31_000);
    expect(await rows()).toHaveLength(1);
    await house.clock.advance(2_000);
    expect(await rows()).toEqual([]);
  });

  it('§4.2.2: where NOTIFY_TIMEOUTS says 3, only the third in a row ends it, and what is true by then is tried at once', async () => {
    const { alice, watch } = await start({ notifyTimeouts: 3 });
    watch.answerWith('silence');
    await alice.publish({ body: pidf('alice', 'open', 'one') });
    await watch.next();
    await house.clock.advance(33_000);
    expect(await rows()).toHaveLength(1);
    expect(watch.notifies).toHaveLength(3);
    watch.answerWith(200);
    await house.clock.advance(10_000);
    // Answered once, the count begins anew.
    watch.answerWith('silence');
    await alice.publish({ body: pidf('alice', 'open', 'two') });
    await house.clock.advance(65_000);
    expect(await rows()).toHaveLength(1);
    await house.clock.advance(33_000);
    expect(await rows()).toEqual([]);
    const heard = watch.notifies.length;
    await alice.publish({ body: pidf('alice', 'open', 'three') });
    await house.clock.advance(60_000);
    expect(watch.notifies).toHaveLength(heard);
  });

  it('§4.2.2: what is tried again after a timeout does not depend on what the presentity did', async () => {
    house = await openHouse({ paceMs: 0, notifyTimeouts: 3 });
    await house.rule('alice', 'bob', 'polite-block');
    await house.clock.advance(1_000);
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await watch.next();
    watch.answerWith('silence');
    await watch.refresh();
    await watch.next();
    await house.peer('alice').publish({ body: pidf('alice', 'open', 'secret') });
    await house.clock.advance(70_000);
    expect(watch.notifies.map(({ body }) => body)).toEqual(Array(4).fill(watch.notifies[0]?.body));
    expect(watch.last?.body).not.toContain('secret');
  });

  it('§4.2.2: a client that is known to lose NOTIFYs is given three, whatever the setting', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    await house.clock.advance(1_000);
    const watch = await house
      .peer('bob')
      .subscribe({ to: uri('alice'), headers: { 'User-Agent': 'Cisco/SPA962-6.1.5(a)' } });
    await watch.next();
    watch.answerWith('silence');
    await watch.refresh();
    await house.clock.advance(70_000);
    expect(await rows()).toHaveLength(1);
    await house.clock.advance(33_000);
    expect(await rows()).toEqual([]);
  });

  it('one NOTIFY in flight at a time; what changes meanwhile is told once, with the last state', async () => {
    const { alice, watch } = await start();
    watch.answerWith('silence');
    await alice.publish({ body: pidf('alice', 'open', 'first.') });
    await watch.next();
    for (const note of ['second.', 'third.', 'last.']) await alice.publish({ body: pidf('alice', 'open', note) });
    await house.clock.advance(2_000);
    expect(watch.notifies).toHaveLength(2);
    watch.answerWith(200);
    await house.clock.advance(8_000);
    expect(watch.notifies).toHaveLength(3);
    expect(watch.last?.body).toContain('last.');
  });
});

describe('RFC 6665 §4.1.3: Subscription-State', () => {
  const stated = (watch: Watch): string => watch.last?.wire.header('Subscription-State') ?? '';

  it('§4.2.1.2: every 2xx brings one: the first, a refresh and an unsubscribe, also while it is pending', async () => {
    house = await openHouse({ paceMs: 0 });
    const watch = await house.peer('bob').subscribe({ to: uri('alice'), expires: 600 });
    await watch.next();
    expect(stated(watch)).toBe('pending;expires=600');
    await house.clock.advance(100_000);
    await watch.refresh({ expires: 300 });
    await watch.next();
    expect(stated(watch)).toBe('pending;expires=300');
    await watch.unsubscribe();
    await watch.next();
    expect(stated(watch)).toBe('terminated;reason=timeout');
    expect(watch.notifies).toHaveLength(3);
  });

  it('expires is never more than was granted, and there is none once it is over', async () => {
    const { alice, watch } = await start();
    await alice.publish({ body: pidf('alice', 'open') });
    await watch.next();
    await watch.refresh({ expires: 600 });
    await watch.next();
    await house.clock.advance(601_000);
    const all = watch.notifies.map(({ wire }) => wire.header('Subscription-State'));
    expect(all.at(-1)).toBe('terminated;reason=timeout');
    for (const state of all.slice(0, -1)) expect(state).toMatch(/^active;expires=([1-9]\d{0,2}|[12]\d{3}|3000)$/);
    expect(all.at(-2)).toBe('active;expires=600');
  });

  it('retry-after stands only where the RFC gives it a meaning: with probation', async () => {
    const { watch } = await start({ users: ['alice', 'bob', 'carol'] });
    const carol = await house.peer('carol').subscribe({ to: uri('alice') });
    await carol.next();
    await house.rule('alice', 'carol', 'block');
    await house.clock.advance(2_000);
    expect(stated(carol)).toBe('terminated;reason=rejected');
    await house.store.eventLoader.set({ event: 'presence', module: 'builtin:presence', enabled: false });
    await house.clock.advance(3_000);
    const [, seconds] = /^terminated;reason=probation;retry-after=(\d+)$/.exec(stated(watch)) ?? [];
    expect(Number(seconds)).toBeGreaterThanOrEqual(300);
    expect(Number(seconds)).toBeLessThan(600);
  });

  it.each([401, 407])('§4.1.3, RFC 3261 §22: %d to a NOTIFY is not answered with credentials', async (status) => {
    const { alice, watch } = await start();
    watch.answerWith(status);
    await alice.publish({ body: pidf('alice', 'open', 'one') });
    await watch.next();
    await house.clock.advance(40_000);
    expect(watch.notifies).toHaveLength(2);
    expect(await rows()).toHaveLength(1);
  });
});

describe('RFC 3856 §6.10: the pace', () => {
  it('ten changes in a second are two NOTIFYs, five seconds apart, and the second has the last state', async () => {
    const { alice, watch } = await start({ paceMs: 5_000 });
    const before = watch.notifies.length;
    let etag: string | undefined;
    for (let round = 0; round < 10; round += 1) {
      const published = await alice.publish({
        body: pidf('alice', 'open', `round ${round}.`),
        ...(etag === undefined ? {} : { etag }),
      });
      etag = published.header('SIP-ETag');
    }
    await house.clock.advance(30_000);
    const told = watch.notifies.slice(before);
    expect(told).toHaveLength(2);
    expect(told[1]?.body).toContain('round 9.');
    expect((told[1]?.at ?? 0) - (told[0]?.at ?? 0)).toBeGreaterThanOrEqual(4_990);
  });

  it('a rule about somebody else does not hurry what waits for the pace', async () => {
    const { alice, watch } = await start({ paceMs: 5_000 });
    const first = await alice.publish({ body: pidf('alice', 'open', 'one') });
    await watch.next();
    await alice.publish({ body: pidf('alice', 'open', 'two'), etag: first.header('SIP-ETag') });
    await house.rule('alice', '@elsewhere.example', 'block');
    await house.clock.advance(3_000);
    expect(watch.last?.body).toContain('one');
    await house.clock.advance(3_000);
    expect(watch.last?.body).toContain('two');
  });

  it('the package’s own pace is used where none is configured', async () => {
    house = await openHouse();
    await house.rule('alice', 'bob', 'allow');
    await house.clock.advance(1_000);
    const alice = house.peer('alice');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await watch.next();
    const { header } = await alice.publish({ body: pidf('alice', 'open', 'one') });
    await watch.next();
    await alice.publish({ body: pidf('alice', 'open', 'two'), etag: header('SIP-ETag') });
    await house.clock.advance(4_000);
    expect(watch.last?.body).toContain('one');
    await house.clock.advance(2_000);
    expect(watch.last?.body).toContain('two');
  });

  it('what a refresh or a rule causes does not wait for the pace', async () => {
    const { alice, watch } = await start({ paceMs: 60_000 });
    await alice.publish({ body: pidf('alice', 'open', 'one') });
    await watch.next();
    await alice.publish({ body: pidf('alice', 'open', 'two') });
    await watch.refresh();
    const refreshedAt = house.clock.now();
    const told = await watch.next();
    expect(told.body).toContain('two');
    expect(told.at - refreshedAt).toBeLessThan(1_000);
    await house.rule('alice', 'bob', 'block');
    await house.clock.advance(1_000);
    expect(watch.last?.state).toBe('terminated');
  });

  it('a modification that says the same again is not told', async () => {
    const { alice, watch } = await start();
    const first = await alice.publish({ body: pidf('alice', 'open', 'same') });
    await watch.next();
    const heard = watch.notifies.length;
    await alice.publish({ body: pidf('alice', 'open', 'same'), etag: first.header('SIP-ETag') });
    await house.clock.advance(10_000);
    expect(watch.notifies).toHaveLength(heard);
  });
});
