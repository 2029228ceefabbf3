import { afterEach, describe, expect, it } from 'vitest';
import { type House, openHouse, pidf, uri } from '../support/house.ts';

let house: House;
afterEach(() => house.close());

describe('floods', () => {
  it('a device that has lost its mind is slowed down; its owner’s watchers and everybody else go on', async () => {
    house = await openHouse({ paceMs: 0, rateLimits: { account: 1, source: 1 } });
    await house.rule('alice', 'bob', 'allow');
    await house.clock.advance(1_000);
    const alice = house.peer('alice');
    const bob = house.peer('bob');
    const watch = await bob.subscribe({ to: uri('alice') });
    await watch.next();
    let refused = 0;
    for (let round = 0; round < 60; round += 1) {
      const response = await alice.publish({ body: pidf('alice', 'open', `round ${round}.`), etag: 'lost' });
      if (response.status !== 503) continue;
      refused += 1;
      expect(response.header('Retry-After')).toMatch(/^[5-9]$/);
    }
    expect(refused).toBeGreaterThan(20);
    expect((await watch.refresh()).status).toBe(200);
    // Silence is enough to be served again.
    await house.clock.advance(10_000);
    expect((await alice.publish({ body: pidf('alice', 'open', 'well again') })).status).toBe(200);
    expect((await watch.until(({ body }) => body.includes('well again'))).state).toBe('active');
  });

  it('strangers who ask without end, for SUBSCRIBE and PUBLISH alike, are 503; a phone at their address goes on', async () => {
    house = await openHouse({ paceMs: 0, rateLimits: { account: 100, source: 1 } });
    const alice = house.peer('alice', '192.0.2.50:5060');
    const first = await alice.publish({ body: pidf('alice', 'open') });
    const stranger = house.peer('nobody', '192.0.2.50:6000');
    const statuses: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      const method = round % 2 === 0 ? 'SUBSCRIBE' : 'PUBLISH';
      const asked = { method, uri: uri('alice'), headers: { Event: 'presence' }, authenticate: false };
      statuses.push((await stranger.ask(asked)).status);
    }
    expect(statuses.slice(0, 15)).toEqual(Array(15).fill(401));
    expect(statuses.slice(-5)).toEqual(Array(5).fill(503));
    expect((await alice.publish({ etag: first.header('SIP-ETag') })).status).toBe(200);
  });
});
