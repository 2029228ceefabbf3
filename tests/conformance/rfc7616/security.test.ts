/** RFC 7616 §5: what an attacker meets. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type House, openHouse, pidf, uri } from '../../support/house.ts';
import { parameter } from '../../support/wire.ts';

let house: House;
afterEach(() => house.close());

const body = pidf('alice', 'open');

/** Starts one guess and gives its status, without waiting for it. */
function guess(n: number): Promise<number> {
  const thief = house.peer('alice', `198.51.100.${n}:5060`);
  return thief.publish({ body, password: `guess ${n}` }).then(({ status }) => status);
}

describe('RFC 7616 §5.7, §5.8: online guessing', () => {
  it('guesses are 401, never 403, and from the fourteenth on they wait', async () => {
    house = await openHouse();
    const beganAt = house.clock.now();
    for (let n = 1; n <= 12; n += 1) expect(await guess(n)).toBe(401);
    expect(house.clock.now() - beganAt).toBeLessThan(1_000);
    const slowAt = house.clock.now();
    expect(await guess(13)).toBe(401);
    expect(house.clock.now() - slowAt).toBeGreaterThan(3_000);
  });

  it('a right password is let in all the same, and its owner goes on undisturbed', async () => {
    house = await openHouse();
    const phone = house.peer('alice', '192.0.2.10:5060');
    const etag = (await phone.publish({ body })).header('SIP-ETag');
    for (let n = 1; n <= 12; n += 1) await guess(n);
    const before = house.clock.now();
    expect((await phone.publish({ etag })).status).toBe(200);
    expect(house.clock.now() - before).toBeLessThan(1_000);
    const fresh = house.peer('alice', '203.0.113.5:5060');
    expect((await fresh.publish({ body })).status).toBe(200);
  });

  it('credentials that are missing, or stale and right, are no guesses', async () => {
    house = await openHouse();
    const phone = house.peer('alice', '192.0.2.10:5060');
    await phone.publish({ body });
    for (let n = 0; n < 100; n += 1)
      await phone.ask({ method: 'PUBLISH', uri: uri('alice'), authenticate: false, headers: { Event: 'presence' } });
    for (let n = 0; n < 30; n += 1) {
      await house.restart();
      const before = house.clock.now();
      expect((await phone.publish({ body })).status).toBe(200);
      expect(house.clock.now() - before).toBeLessThan(1_000);
    }
  });
});

describe('RFC 7616 §3.3, §5.4: nonces', () => {
  it('§3.3: after a restart one round says stale=true, and nothing fails', async () => {
    house = await openHouse();
    const phone = house.peer('alice', '192.0.2.10:5060');
    await phone.publish({ body });
    await house.restart();
    const before = phone.received.length;
    expect((await phone.publish({ body })).status).toBe(200);
    const answers = phone.received.slice(before);
    expect(answers.map(({ status }) => status)).toEqual([401, 200]);
    expect(answers[0]?.header('WWW-Authenticate')).toContain('stale=true');
  });

  it('a nonce outlives the longest subscription: no refresh needs a second round', async () => {
    house = await openHouse({ byDefault: 'allow' });
    const bob = house.peer('bob', '192.0.2.11:5060');
    const watch = await bob.subscribe({ to: uri('alice'), expires: 86_400 });
    const granted = Number(watch.response.header('Expires'));
    await house.clock.advance((granted - 5) * 1000);
    const before = bob.received.length;
    expect((await watch.refresh()).status).toBe(200);
    expect(bob.received.slice(before).filter(({ status }) => status === 401)).toEqual([]);
  });

  it('§3.5: near the end of a nonce’s life the answer carries the next one, and it serves', async () => {
    house = await openHouse();
    const phone = house.peer('alice', '192.0.2.10:5060');
    const first = await phone.publish({ body });
    expect(first.header('Authentication-Info')).toBe('');
    await house.clock.advance(3.5 * 3_600_000);
    const late = await phone.publish({ body });
    const next = parameter(late.header('Authentication-Info'), 'nextnonce') ?? '';
    expect(next).toMatch(/^[A-Za-z0-9_-]{40}$/);
    const ha1 = createHash('md5').update('alice:example.com:alice-secret').digest('hex');
    const ha2 = createHash('md5')
      .update(`PUBLISH:${uri('alice')}`)
      .digest('hex');
    const response = createHash('md5').update(`${ha1}:${next}:00000001:c:auth:${ha2}`).digest('hex');
    const answer = await phone.ask({
      method: 'PUBLISH',
      uri: uri('alice'),
      authenticate: false,
      body,
      headers: {
        Event: 'presence',
        'Content-Type': 'application/pidf+xml',
        Authorization: `Digest username="alice", realm="example.com", nonce="${next}", uri="${uri('alice')}", response="${response}", qop=auth, nc=00000001, cnonce="c"`,
      },
    });
    expect(answer.status).toBe(200);
  });

  it('§5.4: what was recorded is of no use: its count is used up, and the next is not known', async () => {
    house = await openHouse();
    const phone = house.peer('alice', '192.0.2.10:5060');
    await phone.publish({ body });
    const recorded =
      house.network.passages.map(({ text }) => text).find((text) => text.includes('Authorization:')) ?? '';
    const thief = house.peer('nobody', '198.51.100.9:5060');
    const replayed = recorded.replace(/branch=[^;]+/, 'branch=z9hG4bKthief').replace(/192\.0\.2\.10/g, '198.51.100.9');
    thief.raw(replayed.replace('From: <sip:alice@example.com>;tag=', 'From: <sip:alice@example.com>;tag=thief'));
    await house.clock.advance(100);
    expect(thief.received.map(({ status }) => status)).toEqual([401]);
    expect(parameter(thief.received[0]?.header('WWW-Authenticate') ?? '', 'stale')).toBe('true');
  });
});
