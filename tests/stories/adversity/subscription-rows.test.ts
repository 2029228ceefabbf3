/** A subscription's row has no room, is gone, or may or may not be there: what the watcher is told, and what it can do next. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Store } from '#store';
import { aor, type House, openHouse, pidf, uri } from '../../support/house.ts';
import { makeLevers, outcomeUnknown, slow } from '../../support/levers.ts';
import { makeRewritingPeer } from '../../support/rewriting-peer.ts';
import type { AskOptions, Peer, Watch } from '../../support/sip-peer.ts';
import { parameter } from '../../support/wire.ts';

let house: House;
afterEach(() => house.close());

async function start(wrap?: (store: Store) => Store): Promise<{ alice: Peer; bob: Peer }> {
  house = await openHouse({ paceMs: 0, ...(wrap === undefined ? {} : { wrap }) });
  await house.rule('alice', 'bob', 'allow');
  return { alice: house.peer('alice'), bob: house.peer('bob') };
}

const rows = () => house.store.subscriptions.of(aor('alice'), house.clock.now());
const longer = (start: string, length: number): string => start + 'x'.repeat(length - start.length);
const inDialog = ({ callId, response }: Watch, expires: number): AskOptions => ({
  method: 'SUBSCRIBE',
  uri: uri('alice'),
  callId,
  fromTag: parameter(response.header('From'), 'tag') ?? '',
  toTag: parameter(response.header('To'), 'tag') ?? '',
  headers: { Event: 'presence', Expires: String(expires) },
});

describe('what a row has no room for', () => {
  it.each<[string, number, (value: string) => Partial<AskOptions>, string]>([
    ['Call-ID', 255, (callId) => ({ callId }), 'c'],
    ['From tag', 128, (fromTag) => ({ fromTag }), 't'],
    ['From URI', 512, (from) => ({ from }), 'sip:bob@example.com;p='],
    ['To URI', 512, (to) => ({ to }), 'sip:alice@example.com;p='],
    ['Contact URI', 1024, (contact) => ({ contact: `<${contact}>` }), 'sip:bob@192.0.2.10:5060;p='],
    ['Event id', 255, (id) => ({ headers: { Event: `presence;id=${id}` } }), 'i'],
  ])(
    'a %s of %i characters is kept, a longer one is 400 at once, also in a fetch',
    async (_what, most, with_, begin) => {
      const kept: string[] = [];
      const { bob } = await start((store) => ({
        ...store,
        subscriptions: {
          ...store.subscriptions,
          write(write) {
            kept.push(write.kind);
            return store.subscriptions.write(write);
          },
        },
      }));
      const ask = (length: number, expires: string) => {
        const given = with_(longer(begin, length));
        const headers = { Event: 'presence', ...given.headers, Expires: expires };
        return bob.ask({ method: 'SUBSCRIBE', uri: uri('alice'), ...given, headers });
      };
      expect((await ask(most, '0')).status).toBe(200);
      expect((await ask(most + 1, '0')).status).toBe(400);
      expect((await ask(most + 1, '600')).status).toBe(400);
      expect(kept).toEqual([]);
      expect((await ask(most, '600')).status).toBe(200);
      expect(kept[0]).toBe('insert');
    },
  );

  it('RFC 3261 §12.1.1: no Contact, or more than one, makes no dialog: 400', async () => {
    const { bob } = await start();
    const mute = makeRewritingPeer(house, 'bob', (text) => text.replace(/^Contact: .*\r\n/m, ''));
    const two = { to: uri('alice'), contact: '<sip:one@192.0.2.66>, <sip:two@192.0.2.67>' };
    for (const { response } of [await mute.subscribe({ to: uri('alice') }), await bob.subscribe(two)]) {
      expect([response.status, response.reason]).toEqual([400, 'Missing Or Too Long Contact']);
    }
    expect(await rows()).toEqual([]);
  });

  it('a row that the database does not take is 400, and nobody is told anything', async () => {
    const { bob } = await start((store) => ({
      ...store,
      subscriptions: { ...store.subscriptions, write: async () => 'refused' },
    }));
    const watch = await bob.subscribe({ to: uri('alice') });
    expect([watch.response.status, watch.response.reason]).toEqual([400, 'Subscription Cannot Be Kept']);
    await house.clock.advance(60_000);
    expect(watch.notifies).toEqual([]);
  });
});

describe('what is kept of a subscription', () => {
  it('who watches whom, until when, what was decided, by what program, and that it was asked for just now', async () => {
    const { bob } = await start();
    const now = house.clock.now();
    await bob.subscribe({
      to: uri('alice'),
      expires: 600,
      event: 'presence;id=7',
      headers: { 'User-Agent': 'Phone/1' },
    });
    const [row] = await rows();
    expect(row).toMatchObject({
      ...{ presentity: aor('alice'), watcher: aor('bob'), event: 'presence', eventId: '7', userAgent: 'Phone/1' },
      ...{ state: 'active', permission: 'allow', cause: 'subscribe', contentType: 'application/pidf+xml' },
    });
    expect(row?.createdAt).toBeGreaterThanOrEqual(now);
    expect((row?.expiresAt ?? 0) - (row?.createdAt ?? 0)).toBe(600_000);
  });

  it('who must be confirmed is kept as somebody who asks', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.peer('bob').subscribe({ to: uri('alice') });
    expect((await rows())[0]).toMatchObject({ state: 'pending', permission: 'confirm' });
  });
});

describe('a row whose commit nobody learnt of', () => {
  it('is 503, goes again, and the watcher can begin anew', async () => {
    const levers = makeLevers();
    const { bob } = await start(levers.wrap);
    levers.subscriptions.after = outcomeUnknown('insert');
    const watch = await bob.subscribe({ to: uri('alice') });
    expect(watch.response.status).toBe(503);
    levers.subscriptions.after = undefined;
    await house.clock.advance(20_000);
    expect(await rows()).toEqual([]);
    expect(watch.notifies).toEqual([]);
    expect((await bob.subscribe({ to: uri('alice') })).response.status).toBe(200);
    expect(await rows()).toHaveLength(1);
  });
});

describe('a row that somebody else took away', () => {
  it('a refresh is 481, and the last NOTIFY, without a state, says that it is over', async () => {
    const { alice, bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice') });
    await watch.next();
    await house.store.subscriptions.write({ kind: 'remove', id: (await rows())[0]?.id ?? '' });
    expect((await watch.refresh()).status).toBe(481);
    expect(await watch.next()).toMatchObject({ state: 'terminated', reason: 'timeout', body: '' });
    await alice.publish({ body: pidf('alice', 'open') });
    await house.clock.advance(60_000);
    expect(watch.notifies).toHaveLength(2);
    const again = await bob.subscribe({ to: uri('alice') });
    expect(again.response.status).toBe(200);
  });
});

describe('a subscription that ends while its refresh is being committed', () => {
  it('is 481: what a rule has ended goes on for nobody', async () => {
    const levers = makeLevers();
    const { bob } = await start(levers.wrap);
    const watch = await bob.subscribe({ to: uri('alice') });
    await watch.next();
    levers.subscriptions.before = slow(house.clock, 3_000, 'update');
    const refreshing = bob.ask(inDialog(watch, 600));
    await house.rule('alice', 'bob', 'block');
    expect((await refreshing).status).toBe(481);
    levers.subscriptions.before = undefined;
    await house.clock.advance(60_000);
    expect(watch.last).toMatchObject({ state: 'terminated', reason: 'rejected' });
    expect(await rows()).toEqual([]);
  });
});
