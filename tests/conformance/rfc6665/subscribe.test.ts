import { afterEach, describe, expect, it } from 'vitest';
import { aor, type House, openHouse, pidf, uri } from '../../support/house.ts';
import type { Peer } from '../../support/sip-peer.ts';

let house: House;
afterEach(() => house.close());

async function start(options: Parameters<typeof openHouse>[0] = {}): Promise<{ alice: Peer; bob: Peer }> {
  house = await openHouse({ paceMs: 0, ...options });
  await house.rule('alice', 'bob', 'allow');
  return { alice: house.peer('alice'), bob: house.peer('bob') };
}

const rows = () => house.store.subscriptions.of(aor('alice'), house.clock.now());

describe('RFC 6665 §4.2.1: receiving SUBSCRIBE', () => {
  it('§4.2.1.1, §8.3.2: a package that is not loaded is 489 with Allow-Events, before anybody is challenged', async () => {
    const { bob } = await start();
    const response = await bob.ask({
      method: 'SUBSCRIBE',
      uri: uri('alice'),
      headers: { Event: 'dialog' },
      authenticate: false,
    });
    expect(response.status).toBe(489);
    expect(response.header('Allow-Events')).toBe('presence');
  });

  it('§8.2.1: the package is found whatever its case, and named as we name it', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice'), event: 'Presence' });
    expect(watch.response.status).toBe(200);
    expect((await watch.next()).wire.header('Event')).toBe('presence');
  });

  it('two Event values are malformed: 400', async () => {
    const { bob } = await start();
    expect((await bob.subscribe({ to: uri('alice'), event: 'presence, dialog' })).response.status).toBe(400);
  });

  it('§4.2.1.3: 401, never 407, for who does not say who they are', async () => {
    const { bob } = await start();
    const response = await bob.ask({
      method: 'SUBSCRIBE',
      uri: uri('alice'),
      headers: { Event: 'presence' },
      authenticate: false,
    });
    expect(response.status).toBe(401);
  });

  it('RFC 3856 §9.1: From must be who was authenticated', async () => {
    const { bob } = await start({ users: ['alice', 'bob', 'carol'] });
    expect((await bob.subscribe({ to: uri('alice'), from: uri('carol') })).response.status).toBe(403);
    expect(await rows()).toEqual([]);
  });

  it('an unknown presentity is 404', async () => {
    const { bob } = await start();
    expect((await bob.subscribe({ to: uri('nobody') })).response.status).toBe(404);
    expect((await bob.subscribe({ to: 'sip:alice@elsewhere.example' })).response.status).toBe(404);
  });

  it('§4.2.1.1: Expires is granted as asked, cut to the maximum, and the package’s own when absent', async () => {
    const { bob } = await start();
    for (const [asked, granted] of [
      [600, 600],
      [1800, 1800],
      [86_400, 3600],
      [4_294_967_295, 3600],
      [undefined, 3600],
    ] as const) {
      const watch = await bob.subscribe({ to: uri('alice'), ...(asked === undefined ? {} : { expires: asked }) });
      expect(watch.response.header('Expires')).toBe(String(granted));
      expect((await watch.next()).expires).toBe(granted);
    }
  });

  it('§4.2.1.1: a time too brief is 423 with Min-Expires', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice'), expires: 10 });
    expect(watch.response.status).toBe(423);
    expect(watch.response.header('Min-Expires')).toBe('60');
  });

  it.each([
    ['application/pidf+xml', 200],
    ['application/xpidf+xml, application/pidf+xml;q=0.5', 200],
    ['*/*', 200],
    ['application/*', 200],
    ['application/pidf+xml;q=0', 406],
    ['text/plain', 406],
  ])('§3.1.3: Accept %s is %d', async (accept, status) => {
    const { bob } = await start();
    expect((await bob.subscribe({ to: uri('alice'), accept })).response.status).toBe(status);
  });

  it('RFC 3261 §8.2.3: a body that we do not understand is 415', async () => {
    const { bob } = await start();
    const response = await bob.ask({
      method: 'SUBSCRIBE',
      uri: uri('alice'),
      headers: { Event: 'presence', 'Content-Type': 'application/simple-filter+xml' },
      body: '<filter-set/>',
    });
    expect(response.status).toBe(415);
  });

  it('RFC 5367: a list is not understood, and the client is told at once: 420', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice'), headers: { Require: 'recipient-list-subscribe' } });
    expect(watch.response.status).toBe(420);
    expect(watch.response.header('Unsupported')).toBe('recipient-list-subscribe');
  });

  it('§4.2.1: success is 200, with a tag, a Contact, and Record-Route as it came', async () => {
    const { bob } = await start();
    const route = '<sip:192.0.2.99;lr>';
    const watch = await bob.subscribe({ to: uri('alice'), headers: { 'Record-Route': route } });
    expect(watch.response.status).toBe(200);
    expect(watch.response.header('To')).toMatch(/;tag=/);
    expect(watch.response.header('Contact')).toBe('<sip:192.0.2.1:5060>');
    expect(watch.response.headers('Record-Route')).toEqual([route]);
  });
});

describe('RFC 6665: what is a SUBSCRIBE, and what is none', () => {
  it('§4.2.3: a SUBSCRIBE without Event is 489', async () => {
    const { bob } = await start();
    const response = await bob.ask({ method: 'SUBSCRIBE', uri: uri('alice') });
    expect(response.status).toBe(489);
    expect(response.header('Allow-Events')).toContain('presence');
  });

  it('§4.2.1: no other method makes a subscription', async () => {
    const { bob } = await start();
    for (const method of ['NOTIFY', 'REFER', 'INVITE', 'MESSAGE', 'OPTIONS']) {
      await bob.ask({ method, uri: uri('alice'), headers: { Event: 'presence', Expires: '3600' } });
    }
    await house.clock.advance(5_000);
    expect(await rows()).toEqual([]);
    expect(bob.received.filter(({ method }) => method === 'NOTIFY')).toEqual([]);
  });
});

describe('RFC 6665 §4.2.1.4, §4.5: requests in the dialog', () => {
  it('§4.2.1.4: a refresh for too brief a time is 423, and the subscription stays as it was', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice'), expires: 600 });
    await watch.next();
    const [before] = await rows();
    const refused = await watch.refresh({ expires: 10 });
    expect(refused.status).toBe(423);
    expect(refused.header('Min-Expires')).toBe('60');
    expect(await rows()).toEqual([before]);
  });

  it('a refresh extends the subscription and brings a NOTIFY', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice'), expires: 600 });
    await watch.next();
    await house.clock.advance(500_000);
    expect((await watch.refresh({ expires: 600 })).status).toBe(200);
    expect(await watch.next()).toMatchObject({ state: 'active', expires: 600 });
    await house.clock.advance(500_000);
    expect(watch.last?.state).toBe('active');
  });

  it('§4.2.1.4: a refresh of what is not there is 481', async () => {
    const { bob } = await start();
    const response = await bob.ask({
      method: 'SUBSCRIBE',
      uri: uri('alice'),
      toTag: 'never',
      headers: { Event: 'presence' },
    });
    expect(response.status).toBe(481);
  });

  it('§4.5.2: another id is another subscription', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice'), event: 'presence;id=7' });
    expect((await watch.next()).wire.header('Event')).toBe('presence;id=7');
    expect((await watch.refresh()).status).toBe(200);
    const tag = /tag=([^;]+)/.exec(watch.response.header('To'))?.[1] ?? '';
    const from = /tag=([^;]+)/.exec(watch.response.header('From'))?.[1] ?? '';
    const other = await bob.ask({
      method: 'SUBSCRIBE',
      uri: uri('alice'),
      callId: watch.callId,
      toTag: tag,
      fromTag: from,
      headers: { Event: 'presence;id=8' },
    });
    expect(other.status).toBe(481);
  });

  it('knowing the tags is not being the watcher: another account in the dialog is 403, and nothing of it moves', async () => {
    const { bob } = await start({ users: ['alice', 'bob', 'carol'] });
    const watch = await bob.subscribe({ to: uri('alice') });
    const tag = /tag=([^;]+)/.exec(watch.response.header('To'))?.[1] ?? '';
    const from = /tag=([^;]+)/.exec(watch.response.header('From'))?.[1] ?? '';
    const [before] = await rows();
    const carol = house.peer('carol');
    const stolen = await carol.ask({
      method: 'SUBSCRIBE',
      uri: uri('alice'),
      callId: watch.callId,
      toTag: tag,
      fromTag: from,
      headers: { Event: 'presence', Expires: '0' },
    });
    expect(stolen.status).toBe(403);
    expect((await rows())[0]?.dialog).toEqual(before?.dialog);
  });

  it('a request in the dialog that was recorded and is sent again changes nothing: its nonce count is used up', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice') });
    await watch.refresh();
    const [before] = await rows();
    const sent = house.network.passages.filter(
      ({ from, text }) => from === bob.address && text.startsWith('SUBSCRIBE'),
    );
    bob.raw(
      (sent.at(-1)?.text ?? '').replace(/branch=[^;]+/, 'branch=z9hG4bKagain').replace(/Expires: \d+/, 'Expires: 0'),
    );
    await house.clock.advance(1_000);
    expect(bob.received.filter(({ method }) => method === undefined).at(-1)?.status).toBe(401);
    expect(await rows()).toEqual([before]);
  });

  it('RFC 3261 §12.2.1.1: a refresh with more than one Contact is malformed, and nothing of the dialog moves', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice') });
    const [before] = await rows();
    const refused = await watch.refresh({ headers: { Contact: '<sip:one@192.0.2.66>, <sip:two@192.0.2.67>' } });
    expect(refused.status).toBe(400);
    expect(await rows()).toEqual([before]);
  });

  it('§4.2.1.4: Expires 0 ends it: 200, then one NOTIFY terminated with the last state, then nothing', async () => {
    const { alice, bob } = await start();
    await alice.publish({ body: pidf('alice', 'open', 'still here') });
    const watch = await bob.subscribe({ to: uri('alice') });
    await watch.next();
    expect((await watch.unsubscribe()).status).toBe(200);
    const last = await watch.next();
    expect(last).toMatchObject({ state: 'terminated', reason: 'timeout', expires: undefined });
    expect(last.body).toContain('still here');
    expect(await rows()).toEqual([]);
    await alice.publish({ body: pidf('alice', 'closed') });
    await house.clock.advance(60_000);
    expect(watch.last).toBe(last);
    expect((await watch.refresh()).status).toBe(481);
  });

  it('§4.4.3: a fetch is 200 with Expires 0 and one NOTIFY with the state; nothing is kept', async () => {
    const { alice, bob } = await start();
    await alice.publish({ body: pidf('alice', 'open', 'fetched') });
    const watch = await bob.subscribe({ to: uri('alice'), expires: 0 });
    expect(watch.response.status).toBe(200);
    expect(watch.response.header('Expires')).toBe('0');
    const only = await watch.next();
    expect(only).toMatchObject({ state: 'terminated', reason: 'timeout' });
    expect(only.body).toContain('fetched');
    await house.clock.advance(60_000);
    expect(watch.notifies).toHaveLength(1);
    expect(await rows()).toEqual([]);
  });

  it('RFC 3856 §6.7: a fetch by who has to be confirmed tells nothing', async () => {
    const { alice } = await start({ users: ['alice', 'bob', 'carol'] });
    await alice.publish({ body: pidf('alice', 'open', 'secret') });
    const watch = await house.peer('carol').subscribe({ to: uri('alice'), expires: 0 });
    expect(watch.response.status).toBe(200);
    expect(await watch.next()).toMatchObject({ state: 'terminated', body: '' });
  });
});
