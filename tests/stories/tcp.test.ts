/** The promise of the house by TCP: who is let in sees, over the connection that it came by. */
import { afterEach, describe, expect, test } from 'vitest';
import { readFlow } from '#sip';
import { type House, openHouse, pidf, uri } from '../support/house.ts';

let house: House;
afterEach(() => house?.close());

const open = ({ body }: { readonly body: string }): boolean => body.includes('<basic>open</basic>');
const closed = ({ body }: { readonly body: string }): boolean => body.includes('<basic>closed</basic>');

describe.each(['127.0.0.1', '::1'] as const)('As a watcher whose phone speaks TCP, at %s,', (tcp) => {
  test('I see alice come and go, and my refreshes stay in the dialog and on the connection', async () => {
    house = await openHouse({ tcp, byDefault: 'allow', paceMs: 0 });
    const [alice, bob] = [await house.tcpPeer('alice'), await house.tcpPeer('bob')];
    const watch = await bob.peer.subscribe({ to: uri('alice'), expires: 600 });
    expect(watch.response.status).toBe(200);
    // Without the parameter baresip refreshes by UDP.
    expect(watch.response.header('Contact')).toMatch(/;transport=tcp>$/);
    expect((await watch.next()).wire.header('Via')).toMatch(/^SIP\/2\.0\/TCP /);

    const published = await alice.peer.publish({ body: pidf('alice', 'open'), expires: 600 });
    expect(published.status).toBe(200);
    expect(await watch.until(open)).toMatchObject({ state: 'active' });
    expect((await watch.refresh({ expires: 300 })).status).toBe(200);
    await alice.peer.publish({ body: pidf('alice', 'closed'), etag: published.header('SIP-ETag') });
    await watch.until(closed);
    expect((await watch.unsubscribe()).status).toBe(200);
    expect(await watch.until(({ state }) => state === 'terminated')).toMatchObject({ reason: 'timeout' });
    // Nobody was called: everything went over the connections of the phones.
    expect([alice.port.called, bob.port.called]).toEqual([0, 0]);
    expect(new Set(bob.peer.received.filter(({ method }) => method === 'NOTIFY').map(({ text }) => text)).size).toBe(
      watch.notifies.length,
    );
  });

  test('when my connection breaks, the server calls where my Contact says that I listen', async () => {
    house = await openHouse({ tcp, byDefault: 'allow', paceMs: 0 });
    const [alice, bob] = [await house.tcpPeer('alice'), await house.tcpPeer('bob')];
    const watch = await bob.peer.subscribe({ to: uri('alice') });
    await watch.next();
    bob.port.cut();
    await alice.peer.publish({ body: pidf('alice', 'open') });
    expect(await watch.until(open)).toMatchObject({ state: 'active' });
    expect(bob.port.called).toBe(1);
  });

  test('after a restart of the server I am told without having acted', async () => {
    house = await openHouse({ tcp, byDefault: 'allow', paceMs: 0 });
    const [alice, bob] = [await house.tcpPeer('alice'), await house.tcpPeer('bob')];
    const watch = await bob.peer.subscribe({ to: uri('alice') });
    await watch.next();
    await house.restart();
    await alice.peer.publish({ body: pidf('alice', 'open') });
    expect(await watch.until(open)).toMatchObject({ state: 'active' });
    expect(bob.port.called).toBe(1);
  });
});

describe('As a watcher whose phone is behind a NAT and speaks TCP,', () => {
  const HIDDEN = 'sip:bob@10.0.0.7:5060;transport=tcp';
  const INVALID = 'sip:x4h@df7jal23ls0d.invalid;transport=tcp';

  test.each([HIDDEN, INVALID])(
    'I am neither called nor forgotten when my connection breaks: my next refresh brings the state (%s)',
    async (contact) => {
      house = await openHouse({ tcp: '127.0.0.1', byDefault: 'allow', paceMs: 0 });
      const [alice, bob] = [await house.tcpPeer('alice'), await house.tcpPeer('bob', contact)];
      const watch = await bob.peer.subscribe({ to: uri('alice'), expires: 3600 });
      await watch.next();
      bob.port.cut();
      await alice.peer.publish({ body: pidf('alice', 'open') });
      await house.clock.advance(60_000);
      expect(watch.notifies.filter(open)).toEqual([]);

      expect((await watch.refresh()).status).toBe(200);
      expect(await watch.until(open)).toMatchObject({ state: 'active' });
      expect(bob.port.called).toBe(0);
    },
  );

  test('my subscription is bound to my connection, not to an address and a port that somebody else may have next', async () => {
    house = await openHouse({ tcp: '127.0.0.1', byDefault: 'allow', paceMs: 0 });
    const bob = await house.tcpPeer('bob', HIDDEN);
    await (await bob.peer.subscribe({ to: uri('alice') })).next();
    const kept = [];
    for await (const page of house.store.subscriptions.all()) kept.push(...page);
    expect(kept.map(({ dialog }) => readFlow(dialog.flow)?.connection)).toEqual([expect.stringMatching(/^[\w-]{9,}$/)]);
  });
});
