import { afterEach, describe, expect, it } from 'vitest';
import { aor, type House, openHouse, pidf, uri } from '../../support/house.ts';
import type { Peer, PublishOptions } from '../../support/sip-peer.ts';

let house: House;
afterEach(() => house.close());

async function start(options: Parameters<typeof openHouse>[0] = {}): Promise<Peer> {
  house = await openHouse({ paceMs: 0, ...options });
  return house.peer('alice');
}

const kept = (user = 'alice') => house.store.publications.of(aor(user), house.clock.now());

describe('RFC 3903 §6: the order of the checks', () => {
  /** One fault for each step, in the order of §6; each request has its fault and all that come after it. */
  const FAULTS: readonly (readonly [what: string, status: number, fault: PublishOptions])[] = [
    ['step 1: a Request-URI that is not ours', 404, { to: 'sip:alice@elsewhere.example' }],
    ['step 2: a package that is not loaded', 489, { event: 'dialog' }],
    ['§14.1: somebody else’s state', 403, { to: uri('bob') }],
    ['step 3: an entity-tag that names nothing', 412, { etag: 'unknown' }],
    ['step 4: a time too brief', 423, { expires: 1 }],
    ['step 5: a type that the package does not read', 415, { contentType: 'text/plain', body: 'hello' }],
    ['step 5: a body that is not what its type says', 400, { body: '<presence' }],
  ];

  it.each(FAULTS.map(([what, status], index) => [what, status, index] as const))(
    '%s is %d, whatever else is wrong after it',
    async (_what, status, index) => {
      const alice = await start();
      const request = Object.assign(
        {},
        ...FAULTS.slice(index)
          .map(([, , fault]) => fault)
          .reverse(),
      ) as PublishOptions;
      expect((await alice.publish({ body: pidf('alice', 'open'), ...request })).status).toBe(status);
      expect([...(await kept()), ...(await kept('bob'))]).toEqual([]);
    },
  );

  it('RFC 3261 §8.2: authentication comes before all of them', async () => {
    const alice = await start();
    for (const [, , fault] of FAULTS) {
      const headers = { Event: fault.event ?? 'presence', ...(fault.etag ? { 'SIP-If-Match': fault.etag } : {}) };
      const asked = { method: 'PUBLISH', uri: fault.to ?? uri('alice'), headers, authenticate: false };
      expect((await alice.ask(asked)).status).toBe(401);
    }
  });

  it('RFC 6665 §8.2.1: two Event values are malformed, in one header or in two; the name’s case is no matter', async () => {
    const alice = await start();
    for (const [event, status] of [
      ['presence, dialog', 400],
      ['presence\r\nEvent: presence', 400],
      ['Presence', 200],
      ['PRESENCE', 200],
    ] as const) {
      expect([event, (await alice.publish({ event, body: pidf('alice', 'open') })).status]).toEqual([event, status]);
    }
    expect(new Set((await kept()).map((publication) => publication.event))).toEqual(new Set(['presence']));
  });

  it('§6 step 4: never 423 for an hour or more, whatever the minimum', async () => {
    const alice = await start();
    await house.load('mood', './mood-package.mjs');
    const mood = { event: 'mood', body: 'calm', contentType: 'text/plain' };
    for (const [expires, status, granted] of [
      [3599, 423, ''],
      [3600, 200, '3600'],
      [0, 200, '0'],
    ] as const) {
      const response = await alice.publish({ ...mood, expires });
      expect([response.status, response.header('Expires')]).toEqual([status, granted]);
    }
  });
});

describe('RFC 3903 §4.1, §6: entity-tags', () => {
  it('§4.1: their scope is Request-URI and package: of another package it is 412', async () => {
    const alice = await start();
    await house.load('mood', './mood-package.mjs');
    const mood = { event: 'mood', body: 'calm', contentType: 'text/plain' };
    const etag = (await alice.publish({ body: pidf('alice', 'open') })).header('SIP-ETag');
    expect((await alice.publish({ ...mood, etag })).status).toBe(412);
    expect((await alice.publish({ ...mood })).status).toBe(200);
    expect((await alice.publish({ body: pidf('alice', 'open'), etag })).status).toBe(200);
  });

  it('§6: of two modifications with one entity-tag at once, one wins, and the other is 412', async () => {
    const alice = await start();
    const other = house.peer('alice');
    await other.publish({ body: pidf('alice', 'open') });
    const etag = (await alice.publish({ body: pidf('alice', 'open') })).header('SIP-ETag');
    const both = await Promise.all([
      alice.publish({ etag, body: pidf('alice', 'open', 'one') }),
      other.publish({ etag, body: pidf('alice', 'open', 'two') }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  it('RFC 3261 §17.2.2: the same request again has the same answer, and is done once', async () => {
    const alice = await start();
    await alice.publish({ body: pidf('alice', 'open') });
    const sent = house.network.passages.map(({ text }) => text).findLast((text) => text.startsWith('PUBLISH'));
    const answered = alice.received.length;
    alice.raw(sent ?? '');
    await house.clock.advance(100);
    expect(alice.received).toHaveLength(answered + 1);
    expect(alice.received.at(-1)?.text).toBe(alice.received.at(-2)?.text);
    expect(await kept()).toHaveLength(1);
  });

  it('§6: many devices at once, one request after the other for each presentity: none is lost, and none twice', async () => {
    const alice = await start();
    const watch = await alice.subscribe({ to: uri('alice') });
    await watch.next();
    const devices = Array.from({ length: 8 }, () => house.peer('alice'));
    for (const device of devices) await device.publish({ body: pidf('alice', 'closed'), expires: 60 });
    await house.clock.advance(61_000);
    const answers = await Promise.all(
      devices.map((device, index) => device.publish({ body: pidf('alice', 'open', `device ${index}.`), expires: 600 })),
    );
    await house.clock.advance(10_000);
    const etags = (await kept()).map(({ etag }) => etag as string);
    expect(etags.sort()).toEqual(answers.map(({ header }) => header('SIP-ETag')).sort());
    expect(watch.last?.body.match(/device \d/g)).toHaveLength(8);
  });
});

describe('RFC 3903 §4, §6: what PUBLISH leaves aside', () => {
  it('a To tag, Record-Route and Contact mean nothing: no dialog, and none of them in the answer', async () => {
    const alice = await start();
    const response = await alice.ask({
      method: 'PUBLISH',
      uri: uri('alice'),
      toTag: 'not-a-dialog',
      contact: '<sip:elsewhere@192.0.2.66>',
      headers: {
        Event: 'presence',
        'Content-Type': 'application/pidf+xml',
        'Record-Route': '<sip:192.0.2.99;lr>',
      },
      body: pidf('alice', 'open'),
    });
    expect(response.status).toBe(200);
    expect(response.header('To')).toContain(';tag=not-a-dialog');
    expect(response.headers('Record-Route')).toEqual([]);
    expect(response.headers('Contact')).toEqual([]);
    const again = await alice.publish({ etag: response.header('SIP-ETag') });
    expect(again.status).toBe(200);
  });

  it('§4.3: a refresh tells watchers nothing; a removal tells them', async () => {
    const alice = await start();
    const watch = await alice.subscribe({ to: uri('alice') });
    await watch.next();
    const first = await alice.publish({ body: pidf('alice', 'open') });
    await watch.next();
    const refreshed = await alice.publish({ etag: first.header('SIP-ETag') });
    await house.clock.advance(20_000);
    expect(watch.notifies).toHaveLength(2);
    await alice.publish({ etag: refreshed.header('SIP-ETag'), expires: 0 });
    expect((await watch.next()).body).toContain('<basic>closed</basic>');
  });

  it('§6 step 4: Expires beyond what is kept is shortened, and the answer says so', async () => {
    const alice = await start();
    for (const asked of ['86400', '4294967296']) {
      const { header } = await alice.publish({ body: pidf('alice', 'open'), headers: { Expires: asked } });
      expect(Number(header('Expires'))).toBeGreaterThanOrEqual(3240);
      expect(Number(header('Expires'))).toBeLessThanOrEqual(3600);
    }
  });
});
