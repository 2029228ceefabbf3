import { afterEach, describe, expect, it } from 'vitest';
import { writeFlow } from '#sip';
import { MAX_SUBSCRIPTIONS } from '../../../services/subscribe/quota.ts';
import { aor, type House, openHouse, pidf, SERVER, uri } from '../../support/house.ts';
import { makeLevers, slow } from '../../support/levers.ts';
import { makeRewritingPeer } from '../../support/rewriting-peer.ts';
import type { AskOptions, Watch } from '../../support/sip-peer.ts';
import { makeSubscription } from '../../support/stores.ts';

let house: House;
afterEach(() => house.close());

const subscriptionRow = async () => (await house.store.subscriptions.of(aor('alice'), house.clock.now()))[0];

/** A SUBSCRIBE in the dialog of this watch, from wherever it is asked. */
function inDialog({ callId, response }: Watch, expires: number): AskOptions {
  const tag = (name: string): string => /tag=([^;]*)/.exec(response.header(name))?.[1] ?? '';
  const headers = { Event: 'presence', Expires: String(expires) };
  return { method: 'SUBSCRIBE', uri: uri('alice'), callId, fromTag: tag('From'), toTag: tag('To'), headers };
}

describe('header values', () => {
  it('RFC 3903 §11.3.1: an empty SIP-If-Match is malformed: 400, and no initial publication', async () => {
    house = await openHouse();
    const answer = await house.peer('alice').publish({
      body: pidf('alice', 'open'),
      headers: { 'SIP-If-Match': '' },
    });
    expect(answer.status).toBe(400);
    expect(await house.store.publications.of(aor('alice'), house.clock.now())).toEqual([]);
  });

  it('RFC 6665 §8.4: an Event id that is no token is 400, and nothing is kept', async () => {
    house = await openHouse();
    for (const id of ['"a;b c"', '"a\\"b"', '""', 'a@b']) {
      const watch = await house.peer('bob').subscribe({ to: uri('alice'), headers: { Event: `presence;id=${id}` } });
      expect(watch.response.status, id).toBe(400);
    }
    expect(await subscriptionRow()).toBeUndefined();
  });

  it('RFC 6665 §8.2.1: an Event id that is a token comes back as it was, byte for byte', async () => {
    house = await openHouse();
    const watch = await house
      .peer('bob')
      .subscribe({ to: uri('alice'), headers: { Event: "presence;id=A-b.c!%*_+`'~" } });
    expect(watch.response.status).toBe(200);
    expect((await watch.next()).wire.header('Event')).toBe("presence;id=A-b.c!%*_+`'~");
  });

  it('a User-Agent is cut after 128 characters, never in the middle of one, and the request goes on', async () => {
    house = await openHouse();
    const headers = { 'User-Agent': `${'x'.repeat(127)}😀 and more` };
    const alice = house.peer('alice');
    expect((await alice.publish({ body: pidf('alice', 'open'), headers })).status).toBe(200);
    expect(
      (await house.peer('bob').subscribe({ to: uri('alice'), headers: { Event: 'presence', ...headers } })).response,
    ).toMatchObject({ status: 200 });
    const [publication] = await house.store.publications.of(aor('alice'), house.clock.now());
    expect(publication?.userAgent).toBe('x'.repeat(127));
    expect((await subscriptionRow())?.userAgent).toBe('x'.repeat(127));
  });
});

describe('rules of unknown words', () => {
  it('a permission that is none of ours refuses a SUBSCRIBE: 403', async () => {
    house = await openHouse({ byDefault: 'allow' });
    await house.rule('alice', 'bob', 'Block' as never);
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    expect(watch.response.status).toBe(403);
    expect(await subscriptionRow()).toBeUndefined();
  });

  it('and ends a subscription that there is', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await house.clock.advance(1_000);
    await house.rule('alice', 'bob', 'permit' as never);
    await house.clock.advance(1_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'rejected', body: '' });
  });
});

describe('RFC 3261 §12.2.2: the order of requests in a dialog', () => {
  it('a request with the CSeq of the last one, in another transaction, is 500 and moves nothing', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const one = house.peer('bob', '192.0.2.50:5060');
    const other = house.peer('bob', '192.0.2.51:5060');
    const watch = await one.subscribe({ to: uri('alice') });
    await house.clock.advance(1_000);
    const before = await subscriptionRow();
    // The first request of a device is challenged, so the CSeq that counts is its second, for both.
    const answer = await other.ask(inDialog(watch, 600));
    expect({ status: answer.status, cseq: answer.header('CSeq') }).toEqual({
      status: 500,
      cseq: watch.response.header('CSeq'),
    });
    expect(await subscriptionRow()).toEqual(before);
  });

  it('a refresh that a newer one overtook while that was being committed is 500', async () => {
    const levers = makeLevers();
    house = await openHouse({ paceMs: 0, wrap: levers.wrap });
    await house.rule('alice', 'bob', 'allow');
    const one = house.peer('bob', '192.0.2.50:5060');
    const other = house.peer('bob', '192.0.2.51:5060');
    const watch = await one.subscribe({ to: uri('alice') });
    await house.clock.advance(1_000);
    // The other device has its nonce and is at CSeq 2; this one goes on to 5.
    await other.ask({ method: 'SUBSCRIBE', uri: uri('alice'), headers: { Event: 'presence', Expires: '0' } });
    for (let n = 0; n < 3; n += 1) await one.ask({ method: 'OPTIONS', uri: uri('alice') });
    levers.subscriptions.before = slow(house.clock, 400, 'update');
    const [newer, older] = await Promise.all([one.ask(inDialog(watch, 3600)), other.ask(inDialog(watch, 100))]);
    expect([newer.status, newer.header('CSeq')]).toEqual([200, '6 SUBSCRIBE']);
    expect([older.status, older.header('CSeq')]).toEqual([500, '3 SUBSCRIBE']);
    const row = await subscriptionRow();
    expect(row?.dialog).toMatchObject({ remoteCseq: 6, flow: expect.stringContaining('192.0.2.50') });
    expect((row?.expiresAt ?? 0) - house.clock.now()).toBeGreaterThan(3_500_000);
  });

  it('an unsubscribe that a newer refresh overtook is 500, and the subscription goes on', async () => {
    const levers = makeLevers();
    house = await openHouse({ paceMs: 0, wrap: levers.wrap });
    await house.rule('alice', 'bob', 'allow');
    const one = house.peer('bob', '192.0.2.50:5060');
    const other = house.peer('bob', '192.0.2.51:5060');
    const watch = await one.subscribe({ to: uri('alice') });
    await house.clock.advance(1_000);
    await other.ask({ method: 'SUBSCRIBE', uri: uri('alice'), headers: { Event: 'presence', Expires: '0' } });
    for (let n = 0; n < 3; n += 1) await one.ask({ method: 'OPTIONS', uri: uri('alice') });
    levers.subscriptions.before = slow(house.clock, 400, 'update');
    const [newer, older] = await Promise.all([one.ask(inDialog(watch, 3600)), other.ask(inDialog(watch, 0))]);
    expect([newer.status, older.status]).toEqual([200, 500]);
    expect(await subscriptionRow()).toBeDefined();
    await house.clock.advance(10_000);
    expect(watch.last?.state).toBe('active');
  });
});

describe('a refresh that cannot be kept', () => {
  it('a Contact that is too long is 400, and the subscription lives on with the old one', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    let contact = 'sip:bob@192.0.2.77:5060';
    const bob = makeRewritingPeer(house, 'bob', (text) => text.replace(/^Contact: .*$/m, `Contact: <${contact}>`));
    const watch = await bob.subscribe({ to: uri('alice') });
    await house.clock.advance(1_000);
    const before = await subscriptionRow();
    contact = `sip:bob@192.0.2.77:5060;x=${'y'.repeat(1_100)}`;
    const answer = await watch.refresh();
    expect(answer.status).toBe(400);
    expect((await subscriptionRow())?.dialog).toEqual(before?.dialog);
    contact = 'sip:bob@192.0.2.77:5060';
    expect((await watch.refresh()).status).toBe(200);
    await house.peer('alice').publish({ body: pidf('alice', 'open', 'hello') });
    await watch.until(({ body }) => body.includes('hello'));
  });
});

describe('how much one account may have', () => {
  it('many SUBSCRIBEs at once, while commits are slow, get past the limit no more than one by one', async () => {
    const levers = makeLevers();
    house = await openHouse({ paceMs: 0, wrap: levers.wrap, users: ['alice', 'bob', 'carol'] });
    const free = 5;
    const expiresAt = house.clock.now() + 3_600_000;
    // Nobody answers there: what they are told on the start is under way all the while.
    const flow = { transport: 'udp', address: '192.0.2.99', port: 5060, via: `udp:${SERVER}` } as const;
    const away = { remoteTarget: 'sip:bob@192.0.2.99:5060', routeSet: [], flow: writeFlow(flow) };
    for (let n = 0; n < MAX_SUBSCRIPTIONS - free; n += 1) {
      const { dialog, ...kept } = makeSubscription(`kept${n}`, { expiresAt });
      const subscription = { ...kept, dialog: { ...dialog, ...away } };
      await house.store.subscriptions.write({ kind: 'insert', subscription });
    }
    await house.restart();
    const bob = house.peer('bob');
    await bob.ask({ method: 'SUBSCRIBE', uri: uri('nobody'), headers: { Event: 'presence' } });
    // Fetches that were answered count no longer.
    for (let n = 0; n < 2 * free; n += 1) {
      expect((await bob.subscribe({ to: uri('alice'), expires: 0 })).response.status).toBe(200);
      await house.clock.advance(50);
    }
    levers.subscriptions.before = slow(house.clock, 400, 'insert');
    const all = await Promise.all(
      Array.from({ length: 3 * free }, (_, n) =>
        bob.ask({ method: 'SUBSCRIBE', uri: uri('alice'), callId: `many${n}`, headers: { Event: 'presence' } }),
      ),
    );
    const statuses = all.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(free);
    expect(statuses.filter((status) => status === 403)).toHaveLength(2 * free);
    expect((await house.peer('carol').subscribe({ to: uri('alice') })).response.status).toBe(200);
  });
});

describe('one publisher does not take the package away from everybody', () => {
  const publishOften = async (body: string): Promise<readonly number[]> => {
    const statuses: number[] = [];
    house = await openHouse({ paceMs: 0, users: ['alice', 'bob', 'mallory'] });
    const mallory = house.peer('mallory');
    // More often than a package may fail within a minute.
    for (let n = 0; n < 6; n += 1) {
      statuses.push((await mallory.publish({ body })).status);
      const watch = await mallory.subscribe({ to: uri('mallory') });
      await watch.next();
      expect(watch.last?.state).toBe('active');
      await house.clock.advance(700);
    }
    return statuses;
  };
  const expectOthersServed = async (): Promise<void> => {
    await house.rule('alice', 'bob', 'allow');
    expect((await house.peer('alice').publish({ body: pidf('alice', 'open', 'hello') })).status).toBe(200);
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    expect((await watch.next()).body).toContain('hello');
  };

  it.each([20, 60, 200, 2_000, 9_000])('who publishes XML that is %d elements deep', async (depth) => {
    const deep = `<x:a xmlns:x="u">${'<x:a>'.repeat(depth)}${'</x:a>'.repeat(depth)}</x:a>`;
    const statuses = await publishOften(pidf('mallory', 'open').replace('</status>', `</status>${deep}`));
    expect(new Set(statuses).size).toBe(1);
    expect([200, 400, 413]).toContain(statuses[0]);
    await expectOthersServed();
  });

  it.each([
    'from="0000-01-01T00:00:00Z"',
    'until="9999-12-31T23:59:59Z"',
    'from="+275760-09-13T00:00:00Z"',
    'until="2026-11-01T12:00:00.5Z"',
    'from="-271821-04-20T00:00:00Z" until="275760-09-13T00:00:00.000Z"',
  ])('who publishes times at the ends of what there is: %s', async (window) => {
    const person =
      '<dm:person xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" id="p">' +
      `<r:activities ${window}><r:away/></r:activities><r:time-offset ${window}>60</r:time-offset>` +
      '<dm:timestamp>9999-12-31T23:59:60Z</dm:timestamp></dm:person></presence>';
    const statuses = await publishOften(pidf('mallory', 'open').replace('</presence>', person));
    expect(new Set(statuses).size).toBe(1);
    expect([200, 400]).toContain(statuses[0]);
    await expectOthersServed();
  });
});
