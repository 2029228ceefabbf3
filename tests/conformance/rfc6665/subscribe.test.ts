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
    expect(response.header('Allow-Events')).toBe('presence, presence.winfo');
  });

  it('§8.2.1: the package is found whatever its case, and named as we name it', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice'), event: 'Presence' });
    expect(watch.response.status).toBe(200);
    expect((await watch.next()).wire.header('Event')).toBe('presence');
  });

  it('two Event values are malformed, in one header or in two: 400', async () => {
    const { bob } = await start();
    expect((await bob.subscribe({ to: uri('alice'), event: 'presence, dialog' })).response.status).toBe(400);
    expect((await bob.subscribe({ to: uri('alice'), event: 'presence,presence' })).response.status).toBe(400);
    const twice = { Event: 'presence\r\nEvent: presence' };
    expect((await bob.ask({ method: 'SUBSCRIBE', uri: uri('alice'), headers: twice })).status).toBe(400);
  });

  it('§4.2.1.1: no Event is 489 with Allow-Events', async () => {
    const { bob } = await start();
    const response = await bob.ask({ method: 'SUBSCRIBE', uri: uri('alice') });
    expect(response.status).toBe(489);
    expect(response.header('Allow-Events')).toBe('presence, presence.winfo');
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
      [3600, 3600],
      [undefined, 3600],
    ] as const) {
      const watch = await bob.subscribe({ to: uri('alice'), ...(asked === undefined ? {} : { expires: asked }) });
      expect(watch.response.header('Expires')).toBe(String(granted));
      expect((await watch.next()).expires).toBe(granted);
    }
  });

  it.each(['3601', '86400', '4294967295', '4294967296', '99999999999999999999'])(
    '§4.2.1.1: Expires %s is shortened, not for all to the same second, and never refused',
    async (asked) => {
      const { bob } = await start();
      const granted: number[] = [];
      for (let round = 0; round < 20; round += 1) {
        const watch = await bob.subscribe({ to: uri('alice'), headers: { Expires: asked } });
        expect(watch.response.status).toBe(200);
        granted.push(Number(watch.response.header('Expires')));
        expect((await watch.next()).expires).toBe(granted.at(-1));
      }
      expect(Math.max(...granted)).toBeLessThanOrEqual(3600);
      expect(Math.min(...granted)).toBeGreaterThanOrEqual(3240);
      expect(new Set(granted).size).toBeGreaterThan(10);
    },
  );

  it.each(['-1', '1e3', 'soon', '0x10'])('RFC 3261 §20.19: Expires %s is no number: 400', async (asked) => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice'), headers: { Expires: asked } });
    expect(watch.response.status).toBe(400);
    expect(await rows()).toEqual([]);
  });

  it('§4.2.1.1: expires of Contact is ignored', async () => {
    const { bob } = await start();
    const contact = `<sip:bob@${bob.address}>;expires=77`;
    const watch = await bob.subscribe({ to: uri('alice'), expires: 600, contact });
    expect(watch.response.header('Expires')).toBe('600');
    expect((await watch.next()).expires).toBe(600);
  });

  it('§4.2.1.1: 423 only for 0 < Expires < 3600 and below the minimum, though that is two hours', async () => {
    const { bob } = await start({ byDefault: 'allow' });
    await house.load('mood', './mood-package.mjs');
    for (const [asked, status, granted] of [
      [1, 423, ''],
      [3599, 423, ''],
      [3600, 200, '3600'],
      [7199, 200, '7199'],
      [7200, 200, '7200'],
      [0, 200, '0'],
    ] as const) {
      const { response } = await bob.subscribe({ to: uri('alice'), event: 'mood', expires: asked });
      expect([asked, response.status, response.header('Expires')]).toEqual([asked, status, granted]);
      expect(response.header('Min-Expires')).toBe(status === 423 ? '7200' : '');
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

  it('RFC 3261 §20.11: a body that its sender calls optional is passed over; any other word for it is not', async () => {
    const { bob } = await start();
    for (const [disposition, status] of [
      ['session;handling=optional', 200],
      ['filter ; HANDLING = Optional', 200],
      ['session;handling=required', 415],
      ['recipient-list', 415],
      ['session;handling', 415],
      [';handling=optionally', 415],
    ] as const) {
      const response = await bob.ask({
        method: 'SUBSCRIBE',
        uri: uri('alice'),
        headers: {
          Event: 'presence',
          'Content-Type': 'application/simple-filter+xml',
          'Content-Disposition': disposition,
        },
        body: '<filter-set/>',
      });
      expect([disposition, response.status]).toEqual([disposition, status]);
    }
  });

  it.each([
    [undefined, 'text/plain'],
    ['application/json', 'application/json'],
    ['text/plain;q=0.5, application/json;q=0.9', 'application/json'],
    ['text/plain, application/json', 'text/plain'],
    ['*/*;q=0.1, application/json;q=0', 'text/plain'],
    ['text/plain;q=0, */*', 'application/json'],
    ['application/*', 'application/json'],
    ['text/*;q=0.2, application/*;q=0.8', 'application/json'],
    ['TEXT/PLAIN', 'text/plain'],
  ])('§4.2.2, RFC 3261 §20.1: Accept %s is answered in %s', async (accept, type) => {
    const { bob } = await start({ byDefault: 'allow' });
    await house.load('mood', './mood-package.mjs');
    const watch = await bob.subscribe({ to: uri('alice'), event: 'mood', ...(accept === undefined ? {} : { accept }) });
    expect(watch.response.status).toBe(200);
    expect((await watch.next()).contentType).toBe(type);
  });

  it('§3.1.3: a refresh without Accept keeps the type that was chosen, one with Accept changes it', async () => {
    const { bob } = await start({ byDefault: 'allow' });
    await house.load('mood', './mood-package.mjs');
    const watch = await bob.subscribe({ to: uri('alice'), event: 'mood', headers: { Accept: 'application/json' } });
    expect((await watch.next()).contentType).toBe('application/json');
    await watch.refresh({ headers: {} });
    expect((await watch.next()).contentType).toBe('application/json');
    await watch.refresh({ headers: { Accept: 'text/plain' } });
    expect((await watch.next()).contentType).toBe('text/plain');
    expect((await watch.refresh({ headers: { Accept: 'image/png' } })).status).toBe(406);
    await watch.refresh({ headers: {} });
    expect((await watch.next()).contentType).toBe('text/plain');
  });

  it('§4.6: a CANCEL for a SUBSCRIBE is answered and changes nothing', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice') });
    await watch.next();
    const sent = house.network.passages.map(({ text }) => text).findLast((text) => text.startsWith('SUBSCRIBE'));
    const cancel = (sent ?? '')
      .replace(/^SUBSCRIBE/, 'CANCEL')
      .replace(/^CSeq: (\d+) SUBSCRIBE/m, 'CSeq: $1 CANCEL')
      .replace(/^(Event|Authorization|Contact): .*\r\n/gm, '');
    bob.raw(cancel);
    await house.clock.advance(1_000);
    expect(bob.received.at(-1)?.header('CSeq')).toContain('CANCEL');
    expect(bob.received.at(-1)?.status).toBeGreaterThan(0);
    expect(await rows()).toHaveLength(1);
    expect((await watch.refresh()).status).toBe(200);
  });

  it('RFC 5367: a list is not understood, and the client is told at once: 420', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice'), headers: { Require: 'recipient-list-subscribe' } });
    expect(watch.response.status).toBe(420);
    expect(watch.response.header('Unsupported')).toBe('recipient-list-subscribe');
  });

  it('§4.4.4: the 200 that makes a dialog names the packages, those in it do not', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice') });
    expect(watch.response.headers('Allow-Events')).toEqual(['presence, presence.winfo']);
    expect((await watch.refresh()).headers('Allow-Events')).toEqual([]);
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

  it('§4.4.1, RFC 3261 §12.2: a refresh moves the remote target, and no Record-Route in it moves the route set', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice') });
    await watch.next();
    const moved = `sip:bob@${bob.address};line=2`;
    const headers = { 'Record-Route': '<sip:192.0.2.99;lr>' };
    expect((await watch.refresh({ headers, contact: `<${moved}>` })).status).toBe(200);
    const { wire } = await watch.next();
    expect(wire.uri).toBe(moved);
    expect(wire.headers('Route')).toEqual([]);
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

  it('§4.5.2: another id or another package in the dialog is 403, and says that dialogs are not shared', async () => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice'), event: 'presence;id=7' });
    expect((await watch.next()).wire.header('Event')).toBe('presence;id=7');
    expect((await watch.refresh()).status).toBe(200);
    const tag = /tag=([^;]+)/.exec(watch.response.header('To'))?.[1] ?? '';
    const from = /tag=([^;]+)/.exec(watch.response.header('From'))?.[1] ?? '';
    const before = await rows();
    for (const event of ['presence;id=8', 'presence;id=7x', 'presence']) {
      const other = await bob.ask({
        method: 'SUBSCRIBE',
        uri: uri('alice'),
        callId: watch.callId,
        toTag: tag,
        fromTag: from,
        headers: { Event: event },
      });
      expect([event, other.status, other.reason]).toEqual([event, 403, 'Dialog Sharing Not Supported']);
    }
    expect(await rows()).toEqual(before);
  });

  it.each(['callId', 'toTag', 'fromTag'] as const)('§4.2.1.4: a refresh with another %s is 481', async (which) => {
    const { bob } = await start();
    const watch = await bob.subscribe({ to: uri('alice') });
    const dialog = {
      callId: watch.callId,
      toTag: /tag=([^;]+)/.exec(watch.response.header('To'))?.[1] ?? '',
      fromTag: /tag=([^;]+)/.exec(watch.response.header('From'))?.[1] ?? '',
    };
    const ask = { method: 'SUBSCRIBE', uri: uri('alice'), headers: { Event: 'presence' } };
    expect((await bob.ask({ ...ask, ...dialog })).status).toBe(200);
    expect((await bob.ask({ ...ask, ...dialog, [which]: `${dialog[which]}x` })).status).toBe(481);
    // Tags and Call-ID are compared byte for byte.
    const upper = dialog[which].toUpperCase();
    if (upper !== dialog[which]) expect((await bob.ask({ ...ask, ...dialog, [which]: upper })).status).toBe(481);
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
