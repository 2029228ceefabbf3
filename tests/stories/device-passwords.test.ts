import { afterEach, describe, expect, it } from 'vitest';
import { openSecrets } from '#store';
import { aor, DOMAIN, type House, openHouse, pidf, uri } from '../support/house.ts';

let house: House;
afterEach(() => house.close());

const secrets = openSecrets(new Uint8Array(32).fill(7));
const TABLET = 'hkmp-29xw-trqa-8dcb';

const addTablet = () =>
  house.store.devicePasswords.add(
    aor('alice'),
    secrets.credentialsFor('alice', DOMAIN, TABLET, { label: 'Tablet', createdAt: house.clock.now() }),
  );

describe('a phone with a password of its own', () => {
  it('publishes beside the others, and within a second of its revocation it is shut out alone', async () => {
    house = await openHouse({ users: ['alice'] });
    await addTablet();
    const tablet = house.peer('alice', '192.0.2.50:5060', { password: TABLET });
    const desk = house.peer('alice');
    expect((await tablet.publish({ body: pidf('alice', 'open') })).status).toBe(200);
    expect((await desk.publish({ body: pidf('alice', 'open') })).status).toBe(200);

    await house.store.devicePasswords.revoke(aor('alice'), 'Tablet');
    await house.clock.advance(1_000);
    expect((await tablet.publish({ body: pidf('alice', 'open', 'still here?') })).status).toBe(401);
    expect((await desk.publish({ body: pidf('alice', 'open', 'still here') })).status).toBe(200);
  });

  it('its owner finds when and where from it was used, and a use is not written down each time', async () => {
    house = await openHouse({ users: ['alice'] });
    await addTablet();
    const tablet = house.peer('alice', '192.0.2.50:5060', { password: TABLET });
    const used = async () => (await house.store.devicePasswords.of(aor('alice')))[0];
    await tablet.publish({ body: pidf('alice', 'open') });
    await house.clock.advance(60_000);
    const first = await used();
    expect(first).toMatchObject({ label: 'Tablet', lastUsedAt: expect.any(Number), lastAddress: '192.0.2.50' });
    expect((await house.store.devicePasswords.ownUse(aor('alice'))).lastUsedAt).toBeUndefined();
    await tablet.publish({ body: pidf('alice', 'open', 'again') });
    await house.clock.advance(60_000);
    expect(await used()).toEqual(first);

    const elsewhere = house.peer('alice', '192.0.2.60:5060', { password: TABLET });
    await elsewhere.publish({ body: pidf('alice', 'open') });
    await house.clock.advance(60_000);
    expect(await used()).toMatchObject({ lastAddress: '192.0.2.60' });
  });

  it('watches as its owner, whose presence it may see', async () => {
    house = await openHouse({ users: ['alice'] });
    await addTablet();
    const tablet = house.peer('alice', '192.0.2.50:5060', { password: TABLET });
    const watch = await tablet.subscribe({ to: uri('alice') });
    expect((await watch.next()).state).toBe('active');
  });
});
