import { afterEach, describe, expect, it } from 'vitest';
import { aor, type House, openHouse, pidf } from '../../support/house.ts';
import type { Peer } from '../../support/sip-peer.ts';

let house: House;
afterEach(() => house.close());

async function start(): Promise<Peer> {
  house = await openHouse({ paceMs: 0 });
  return house.peer('alice');
}

const kept = () => house.store.publications.of(aor('alice'), house.clock.now());
const PJSUA = { 'User-Agent': 'PJSUA/v2.17-dev Linux-6.18.44 x86_64 glibc-2.36' };

/** In one Call-ID, as pjsua does it: a new From tag each time. */
async function publishWithin(
  peer: Peer,
  callId: string,
  given: { etag?: string; note?: string; expires?: number } = {},
) {
  return peer.ask({
    method: 'PUBLISH',
    uri: 'sip:alice@example.com',
    callId,
    headers: {
      Event: 'presence',
      'Content-Type': 'application/pidf+xml',
      ...PJSUA,
      ...(given.etag === undefined ? {} : { 'SIP-If-Match': given.etag }),
      ...(given.expires === undefined ? {} : { Expires: String(given.expires) }),
    },
    body: pidf('alice', 'open', given.note ?? 'a note'),
  });
}

describe('RFC 3903 §4.1: a device that lost its entity-tag', () => {
  it('is a second publication by the book, whatever its Call-ID', async () => {
    const alice = await start();
    for (const round of [1, 2]) {
      const headers = { Event: 'presence', 'Content-Type': 'application/pidf+xml', 'User-Agent': 'unknown/1' };
      const asked = { method: 'PUBLISH', uri: 'sip:alice@example.com', callId: 'same', headers };
      expect((await alice.ask({ ...asked, body: pidf('alice', 'open') })).status).toBe(200);
      expect(await kept()).toHaveLength(round);
    }
  });

  it('that says which instance it is (RFC 5626 §4.1) goes on with what it left, also after a restart on both sides', async () => {
    const alice = await start();
    const contact = `<sip:alice@${alice.address}>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-aabbccddeeff>"`;
    const publish = (peer: Peer, note: string, of = contact) =>
      peer.publish({ contact: of, body: pidf('alice', 'open', note) });
    const first = await publish(alice, 'before');
    const [before] = await kept();
    await publish(alice, 'another', contact.replace('ff>', 'fe>'));
    await house.restart();
    await house.clock.advance(1_000);
    const again = await publish(house.peer('alice'), 'after');
    expect(again.status).toBe(200);
    expect(again.header('SIP-ETag')).not.toBe(first.header('SIP-ETag'));
    const all = await kept();
    expect(all).toHaveLength(2);
    expect(all.find(({ id }) => id === before?.id)?.etag).toBe(again.header('SIP-ETag'));
    expect(all.map(({ body }) => Buffer.from(body).toString()).join()).not.toContain('before');
    expect((await alice.publish({ etag: first.header('SIP-ETag') })).status).toBe(412);
  });

  it('of another account, or in another package, is another device', async () => {
    const alice = await start();
    await house.load('mood', './mood-package.mjs');
    const contact = '<sip:x@192.0.2.7>;+sip.instance="<urn:uuid:1>"';
    await alice.publish({ contact, body: pidf('alice', 'open') });
    await house.peer('bob').publish({ contact, body: pidf('bob', 'open') });
    await alice.publish({ contact, event: 'mood', body: 'calm', contentType: 'text/plain' });
    expect(await kept()).toHaveLength(2);
    expect(await house.store.publications.of(aor('bob'), house.clock.now())).toHaveLength(1);
  });

  it('without a body is 400 all the same, and with Expires 0 takes away what it left', async () => {
    const alice = await start();
    const contact = '<sip:x@192.0.2.7>;+sip.instance="<urn:uuid:1>"';
    await alice.publish({ contact, body: pidf('alice', 'open') });
    expect((await alice.publish({ contact })).status).toBe(400);
    expect(await kept()).toHaveLength(1);
    expect((await alice.publish({ contact, body: pidf('alice', 'closed'), expires: 0 })).status).toBe(200);
    expect(await kept()).toEqual([]);
  });

  it('client profile: PJSIP keeps one publication under one Call-ID', async () => {
    const alice = await start();
    await publishWithin(alice, 'one');
    await publishWithin(alice, 'one', { note: 'anew' });
    await publishWithin(alice, 'two');
    const bodies = (await kept()).map(({ body }) => Buffer.from(body).toString()).join();
    expect(await kept()).toHaveLength(2);
    expect(bodies).toContain('anew');
  });
});

describe('a deviation from RFC 3903 §6 step 3, for clients whose profile asks for it: the entity-tag of a moment ago', () => {
  it('is taken for five seconds under the Call-ID that replaced it, and then no more', async () => {
    const alice = await start();
    const first = (await publishWithin(alice, 'one')).header('SIP-ETag');
    const second = (await publishWithin(alice, 'one', { etag: first, note: 'second' })).header('SIP-ETag');
    // The answer was lost: the client goes on with what it knows.
    const third = await publishWithin(alice, 'one', { etag: first, note: 'third' });
    expect(third.status).toBe(200);
    expect(await kept()).toHaveLength(1);
    await house.clock.advance(4_000);
    expect((await publishWithin(alice, 'one', { etag: second })).status).toBe(200);
    await house.clock.advance(5_001);
    expect((await publishWithin(alice, 'one', { etag: third.header('SIP-ETag') })).status).toBe(412);
  });

  it('is 412 under another Call-ID, of another client, of another presentity, and once the publication is gone', async () => {
    const alice = await start();
    const first = (await publishWithin(alice, 'one')).header('SIP-ETag');
    const second = (await publishWithin(alice, 'one', { etag: first })).header('SIP-ETag');
    expect((await publishWithin(alice, 'two', { etag: first })).status).toBe(412);
    expect((await alice.publish({ etag: first, body: pidf('alice', 'open') })).status).toBe(412);
    const bob = { method: 'PUBLISH', uri: 'sip:bob@example.com', callId: 'one' };
    const headers = { Event: 'presence', 'SIP-If-Match': first, ...PJSUA };
    expect((await house.peer('bob').ask({ ...bob, headers })).status).toBe(412);
    expect((await publishWithin(alice, 'one', { etag: second, expires: 0 })).status).toBe(200);
    expect((await publishWithin(alice, 'one', { etag: first })).status).toBe(412);
  });
});
