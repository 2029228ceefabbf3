import { afterEach, describe, expect, it } from 'vitest';
import { type House, openHouse, pidf, uri } from '../../support/house.ts';
import type { Peer } from '../../support/sip-peer.ts';

let house: House;
afterEach(() => house.close());

async function start(options: Parameters<typeof openHouse>[0] = {}): Promise<{ alice: Peer; bob: Peer }> {
  house = await openHouse({ paceMs: 0, ...options });
  await house.rule('alice', 'bob', 'allow');
  return { alice: house.peer('alice'), bob: house.peer('bob') };
}

describe('RFC 3856: the presence package', () => {
  it('§5: the presentity is found by its sip, sips and pres URI, and the document names it as ours', async () => {
    const { alice, bob } = await start();
    await alice.publish({ body: pidf('alice', 'open') });
    for (const to of ['sip:alice@example.com', 'sips:alice@example.com', 'pres:alice@example.com']) {
      const watch = await bob.subscribe({ to });
      expect([to, watch.response.status]).toEqual([to, 200]);
      expect((await watch.next()).body).toContain('entity="sip:alice@example.com"');
    }
  });

  it('§6.5, §6.7: the body is of a type that was accepted, and of the default type where nothing was said', async () => {
    const { alice, bob } = await start();
    await alice.publish({ body: pidf('alice', 'open') });
    for (const accept of [undefined, 'application/pidf+xml', 'text/plain;q=0.9, application/*;q=0.1']) {
      const watch = await bob.subscribe({ to: uri('alice'), ...(accept === undefined ? {} : { accept }) });
      const first = await watch.next();
      expect(first.contentType).toBe('application/pidf+xml');
      expect(first.body).toMatch(/^<\?xml/);
      await watch.refresh();
      expect((await watch.next()).contentType).toBe('application/pidf+xml');
    }
  });

  it('§6.6.2: a refusal that is known is 403, and no NOTIFY follows', async () => {
    const { bob } = await start();
    await house.rule('alice', 'bob', 'block');
    await house.clock.advance(2_000);
    const watch = await bob.subscribe({ to: uri('alice') });
    expect(watch.response.status).toBe(403);
    await house.clock.advance(40_000);
    expect(watch.notifies).toEqual([]);
    expect(bob.received.filter(({ method }) => method !== undefined)).toEqual([]);
  });
});
