/** Where NOTIFYs go when a proxy has recorded itself by a name. */
import { afterEach, describe, expect, it } from 'vitest';
import { type House, openHouse, pidf, uri } from '../../support/house.ts';
import { makeNames, srv, type Zone } from '../../support/names.ts';
import { listenForTcp } from '../../support/tcp-peer.ts';

let house: House;
afterEach(() => house.close());

const PROXY = '192.0.2.50';
const ELSEWHERE = '203.0.113.66';

async function watchBehind(recordRoute: string, zone: Zone, trusted: readonly string[] = []) {
  const names = makeNames(zone);
  house = await openHouse({ names, trusted, byDefault: 'allow', paceMs: 0 });
  const bob = house.peer('bob', `${PROXY}:6000`);
  const watch = await bob.subscribe({ to: uri('alice'), headers: { 'Record-Route': recordRoute } });
  await house.clock.advance(5_000);
  const to = () => house.network.passages.filter(({ text }) => text.startsWith('NOTIFY')).map((passage) => passage.to);
  return { names, watch, to, bob };
}

describe('RFC 3263 §4: hops and targets that are known by a name', () => {
  it('a hop whose name leads to where the SUBSCRIBE came from is reached at its port', async () => {
    const { to } = await watchBehind('<sip:proxy.example.net:5080;lr>', { a: { 'proxy.example.net': [PROXY] } });
    expect(to()[0]).toBe(`${PROXY}:5080`);
  });

  it('SRV says the port', async () => {
    const { to } = await watchBehind('<sip:example.net;lr>', {
      srv: { '_sip._udp.example.net': [srv(1, 1, 'proxy.example.net', 5090)] },
      a: { 'proxy.example.net': [PROXY] },
    });
    expect(to()[0]).toBe(`${PROXY}:5090`);
  });

  it('a hop that the operator knows is reached, wherever the SUBSCRIBE came from', async () => {
    const { to } = await watchBehind('<sip:proxy.example.net;lr>', { a: { 'proxy.example.net': [ELSEWHERE] } }, [
      ELSEWHERE,
    ]);
    expect(to()[0]).toBe(`${ELSEWHERE}:5060`);
  });

  it('a name that leads to a third party aims nothing at it: the flow is used', async () => {
    const { to } = await watchBehind('<sip:victim.example.net;lr>', {
      a: { 'victim.example.net': [ELSEWHERE, '127.0.0.1'] },
    });
    expect(new Set(to())).toEqual(new Set([`${PROXY}:6000`]));
  });

  it('nor does one that leads nowhere, or of which the DNS says nothing', async () => {
    const { to } = await watchBehind('<sip:nowhere.example.net;lr>', { silent: ['nowhere.example.net'] });
    expect(to()[0]).toBe(`${PROXY}:6000`);
  });

  it('§4.3: what cannot be reached is followed by the next', async () => {
    const { to, watch, bob } = await watchBehind('<sip:example.net;lr>', {
      srv: { '_sip._udp.example.net': [srv(1, 0, 'proxy.example.net', 5091), srv(2, 0, 'proxy.example.net', 6000)] },
      a: { 'proxy.example.net': [PROXY] },
    });
    expect(new Set(to())).toEqual(new Set([`${PROXY}:5091`]));
    await house.clock.advance(40_000);
    expect(watch.notifies).toHaveLength(1);
    expect(to().at(-1)).toBe(`${PROXY}:6000`);
    expect(bob.received.filter(({ method }) => method === 'NOTIFY')).toHaveLength(1);
  });

  it('without a route the name in a Contact is not looked up: the flow is how a datagram’s sender is reached', async () => {
    const names = makeNames({ a: { 'phone.example.net': [ELSEWHERE] } });
    house = await openHouse({ names, byDefault: 'allow', paceMs: 0 });
    const bob = house.peer('bob', `${PROXY}:6000`, { contact: 'sip:bob@phone.example.net' });
    const watch = await bob.subscribe({ to: uri('alice') });
    expect((await watch.next()).state).toBe('active');
    expect(names.asked).toEqual([]);
  });

  it('a rule that takes something away while the name is looked up is in time: nothing of it goes out', async () => {
    const names = makeNames({ silent: ['proxy.example.net'] });
    house = await openHouse({ names, byDefault: 'allow', paceMs: 0 });
    await house.peer('alice').publish({ body: pidf('alice', 'open', 'secret') });
    const bob = house.peer('bob', `${PROXY}:6000`);
    const watch = await bob.subscribe({
      to: uri('alice'),
      headers: { 'Record-Route': '<sip:proxy.example.net:5080;lr>' },
    });
    await house.rule('alice', 'bob', 'block');
    await house.clock.advance(5_000);
    expect(house.network.passages.some(({ text, to }) => to.startsWith(PROXY) && text.includes('secret'))).toBe(false);
    expect(watch.last?.state).toBe('terminated');
  });
});

describe('the same by TCP', () => {
  it('a peer whose connection is gone is called at the name in its Contact, if that is where it spoke from', async () => {
    const names = makeNames({ a: { 'phone.example.net': ['127.0.0.1'] } });
    house = await openHouse({ names, byDefault: 'allow', paceMs: 0, tcp: '127.0.0.1' });
    const phone = await listenForTcp();
    const { peer, port: wire } = await house.tcpPeer('bob', `sip:bob@phone.example.net:${phone.port};transport=tcp`);
    const watch = await peer.subscribe({ to: uri('alice') });
    await watch.next();
    expect(names.asked).toEqual([]);
    await wire.close();
    await house.peer('alice').publish({ body: pidf('alice', 'open') });
    const called = await phone.next();
    expect((await called.next()).uri).toMatch(/^sip:bob@phone\.example\.net/);
    expect(names.asked).toEqual(['A phone.example.net']);
    await phone.close();
  });
});
