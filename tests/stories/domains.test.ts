import { afterEach, describe, expect, it } from 'vitest';
import { type House, OTHER_DOMAIN, openHouse, passwordOf, pidf, uri } from '../support/house.ts';
import { makePeer, type Peer } from '../support/sip-peer.ts';

let house: House;
afterEach(() => house.close());

const there = (user: string): string => `sip:${user}@${OTHER_DOMAIN}`;

function peerThere(user: string, address: string): Peer {
  const { network, clock } = house;
  return makePeer({ network, clock, address, user, password: passwordOf(user), domain: OTHER_DOMAIN });
}

describe('several domains on one server', () => {
  it('alice of one domain is not alice of the other: each publishes her own state, in the realm of her domain', async () => {
    house = await openHouse({ paceMs: 0, users: ['alice', 'bob'] });
    await house.addUser('alice', OTHER_DOMAIN);
    await house.rule('alice', 'bob', 'allow');
    const here = house.peer('alice');
    const other = peerThere('alice', '192.0.2.77:5060');
    const watch = await house.peer('bob').subscribe({ to: uri('alice') });
    await watch.next();

    expect((await other.publish({ body: pidf('alice', 'open', 'the other one') })).status).toBe(200);
    expect(other.received[0]?.header('WWW-Authenticate')).toContain(`realm="${OTHER_DOMAIN}"`);
    await house.clock.advance(1_000);
    expect(watch.notifies).toHaveLength(1);

    expect((await here.publish({ body: pidf('alice', 'open', 'this one') })).status).toBe(200);
    expect(here.received[0]?.header('WWW-Authenticate')).toContain('realm="example.com"');
    expect((await watch.next()).body).toContain('this one');
  });

  it('the same name and password elsewhere open nothing here', async () => {
    house = await openHouse({ users: ['bob'] });
    await house.addUser('alice', OTHER_DOMAIN);
    const impostor = house.peer('alice');
    expect((await impostor.publish({ body: pidf('alice', 'open') })).status).toBe(401);
    const other = peerThere('alice', '192.0.2.78:5060');
    expect((await other.publish({ to: uri('alice'), body: pidf('alice', 'open') })).status).toBe(404);
  });

  it('people of one domain watch people of the other, by the same rules', async () => {
    house = await openHouse({ paceMs: 0, users: ['alice'] });
    await house.addUser('carol', OTHER_DOMAIN);
    const carol = peerThere('carol', '192.0.2.79:5060');
    const watch = await carol.subscribe({ to: uri('alice') });
    expect((await watch.next()).state).toBe('pending');
    await house.rule('alice', `@${OTHER_DOMAIN}`, 'allow');
    await house.clock.advance(1_000);
    expect(watch.last?.state).toBe('active');
  });

  it('an address of the server means the first domain', async () => {
    house = await openHouse({ users: ['alice'] });
    await house.addUser('alice', OTHER_DOMAIN);
    const published = await house.peer('alice').publish({ to: 'sip:alice@192.0.2.1', body: pidf('alice', 'open') });
    expect(published.status).toBe(200);
    expect(await house.store.publications.of(uri('alice') as never, house.clock.now())).toHaveLength(1);
    expect(await house.store.publications.of(there('alice') as never, house.clock.now())).toEqual([]);
  });
});
