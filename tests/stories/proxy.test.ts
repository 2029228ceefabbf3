import { afterEach, describe, expect, it } from 'vitest';
import { type House, openHouse, pidf, uri } from '../support/house.ts';

let house: House;
afterEach(() => house.close());

const PROXY = '192.0.2.99:5060';
const asserts = (who: string) => ({ 'P-Asserted-Identity': `"Somebody" <${who}>` });

describe('RFC 3325: behind a proxy that authenticates', () => {
  it('§9.1: a trusted proxy says who it is, and nobody is challenged', async () => {
    house = await openHouse({ trusted: ['192.0.2.96/29'], paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const proxy = house.peer('nobody', PROXY);
    const watch = await proxy.subscribe({ to: uri('alice'), from: uri('bob'), headers: asserts(uri('bob')) });
    expect(watch.response.status).toBe(200);
    expect(await watch.next()).toMatchObject({ state: 'active' });

    const published = await proxy.publish({
      to: uri('alice'),
      body: pidf('alice', 'open'),
      headers: asserts(uri('alice')),
    });
    expect(published.status).toBe(200);
    expect((await watch.next()).body).toContain('<basic>open</basic>');
    expect(proxy.received.filter(({ status }) => status === 401)).toEqual([]);
  });

  it('§8: from anybody else the header says nothing', async () => {
    house = await openHouse({ trusted: ['192.0.2.98'] });
    const stranger = house.peer('nobody', PROXY);
    const watch = await stranger.subscribe({ to: uri('alice'), from: uri('bob'), headers: asserts(uri('bob')) });
    expect(watch.response.status).toBe(401);
  });

  it('what it asserts is what counts: From must say the same, and the rules are those for the asserted account', async () => {
    house = await openHouse({ trusted: ['192.0.2.99'], users: ['alice', 'bob', 'carol'] });
    await house.rule('alice', 'bob', 'allow');
    await house.rule('alice', 'carol', 'block');
    const proxy = house.peer('nobody', PROXY);
    const ask = async (from: string, asserted: string): Promise<number> =>
      (await proxy.subscribe({ to: uri('alice'), from: uri(from), headers: asserts(uri(asserted)) })).response.status;
    expect(await ask('bob', 'carol')).toBe(403);
    expect(await ask('carol', 'carol')).toBe(403);
    expect(await ask('bob', 'bob')).toBe(200);
  });

  it('a trusted proxy that asserts nothing, or nobody we know, has authenticated nobody: 401', async () => {
    house = await openHouse({ trusted: ['192.0.2.99'] });
    const proxy = house.peer('nobody', PROXY);
    const ask = async (headers: Record<string, string>): Promise<number> =>
      (await proxy.subscribe({ to: uri('alice'), from: uri('bob'), headers })).response.status;
    expect(await ask({})).toBe(401);
    expect(await ask(asserts('sip:bob@elsewhere.example'))).toBe(401);
    expect(await ask(asserts(uri('unheard-of')))).toBe(401);
  });

  it('RFC 3261 §12.1.1: NOTIFYs go through the proxy that recorded its route, to the watcher’s own Contact', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const proxy = house.peer('bob', PROXY);
    const route = '<sip:192.0.2.99:5060;lr>';
    const watch = await proxy.subscribe({ to: uri('alice'), headers: { 'Record-Route': route } });
    const notify = (await watch.next()).wire;
    expect(notify.header('Route')).toBe(route);
    expect(notify.uri).toBe('sip:bob@192.0.2.99:5060');
  });

  it('nobody aims NOTIFYs at a third party: a Record-Route that names one is answered over the flow', async () => {
    house = await openHouse({ paceMs: 0 });
    await house.rule('alice', 'bob', 'allow');
    const [bob, victim] = [house.peer('bob'), house.peer('nobody', PROXY)];
    const route = '<sip:192.0.2.99:5060;lr>';
    const watch = await bob.subscribe({ to: uri('alice'), headers: { 'Record-Route': route } });
    expect((await watch.next()).wire.header('Route')).toBe(route);
    await house.peer('alice').publish({ body: pidf('alice', 'open') });
    expect((await watch.next()).body).toContain('<basic>open</basic>');
    await watch.unsubscribe();
    await watch.until(({ state }) => state === 'terminated');
    expect(victim.received).toEqual([]);
  });

  it('a proxy that the operator trusts may record another of its addresses', async () => {
    house = await openHouse({ paceMs: 0, trusted: ['192.0.2.96/29'] });
    await house.rule('alice', 'bob', 'allow');
    const outer = house.peer('nobody', '192.0.2.98:5060');
    const inner = house.peer('nobody', PROXY);
    const headers = { ...asserts(uri('bob')), 'Record-Route': '<sip:192.0.2.99:5060;lr>' };
    const watch = await outer.subscribe({ to: uri('alice'), from: uri('bob'), headers });
    expect(watch.response.status).toBe(200);
    await house.clock.advance(100);
    expect(inner.received.map(({ method }) => method)).toEqual(['NOTIFY']);
    expect(watch.notifies).toEqual([]);
  });
});
