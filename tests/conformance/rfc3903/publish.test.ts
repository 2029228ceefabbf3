import { afterEach, describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES } from '#model';
import { StoreUnavailable } from '#store';
import { aor, type House, openHouse, pidf, uri } from '../../support/house.ts';
import { makeLevers, slow } from '../../support/levers.ts';
import type { Peer } from '../../support/sip-peer.ts';

let house: House;
afterEach(() => house.close());

async function start(options: Parameters<typeof openHouse>[0] = {}): Promise<Peer> {
  house = await openHouse({ paceMs: 0, ...options });
  return house.peer('alice');
}

const kept = () => house.store.publications.of(aor('alice'), house.clock.now());

describe('RFC 3903 §6: processing PUBLISH', () => {
  it('§6: without credentials 401, and nothing is kept', async () => {
    const alice = await start();
    const response = await alice.ask({
      method: 'PUBLISH',
      uri: uri('alice'),
      authenticate: false,
      headers: { Event: 'presence', 'Content-Type': 'application/pidf+xml' },
      body: pidf('alice', 'open'),
    });
    expect(response.status).toBe(401);
    expect(response.headers('WWW-Authenticate')).toHaveLength(1);
    expect(response.header('WWW-Authenticate')).toMatch(/^Digest .*realm="example.com".*algorithm=MD5/);
    expect(await kept()).toEqual([]);
  });

  it('a wrong password and an unknown user are answered alike', async () => {
    const alice = await start();
    const wrong = await alice.publish({ body: pidf('alice', 'open'), password: 'not it' });
    const unknown = await alice.publish({
      body: pidf('alice', 'open'),
      user: 'nobody',
      password: 'x',
      to: uri('alice'),
    });
    const shape = (wire: typeof wrong) => wire.header('WWW-Authenticate').replace(/nonce="[^"]*"/, 'nonce=…');
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(shape(wrong)).toBe(shape(unknown));
  });

  it('§6 step 1: a Request-URI that is not ours is 404, and so is an unknown presentity', async () => {
    const alice = await start();
    for (const to of ['sip:alice@elsewhere.example', 'sip:nobody@example.com', 'sip:example.com']) {
      expect((await alice.publish({ to, body: pidf('alice', 'open') })).status).toBe(404);
    }
  });

  it('§6 step 1, §14.1: publishing for somebody else is 403', async () => {
    const alice = await start();
    expect((await alice.publish({ to: uri('bob'), body: pidf('bob', 'open') })).status).toBe(403);
    expect(await house.store.publications.of(aor('bob'), house.clock.now())).toEqual([]);
  });

  it('§6 step 2: no Event, or a package that is not loaded, is 489 with Allow-Events', async () => {
    const alice = await start();
    for (const event of ['dialog', '']) {
      const response = await alice.publish({ event, body: pidf('alice', 'open') });
      expect(response.status).toBe(489);
      expect(response.header('Allow-Events')).toBe('presence, presence.winfo');
    }
  });

  it('§6 step 3: more than one SIP-If-Match is 400', async () => {
    const alice = await start();
    expect((await alice.publish({ body: pidf('alice', 'open'), etag: 'one, two' })).status).toBe(400);
  });

  it('§6 step 3: an unknown entity-tag is answered 412, and so is one that expired', async () => {
    const alice = await start();
    expect((await alice.publish({ body: pidf('alice', 'open'), etag: 'unknown' })).status).toBe(412);
    const first = await alice.publish({ body: pidf('alice', 'open'), expires: 60 });
    const etag = first.header('SIP-ETag');
    await house.clock.advance(61_000);
    expect((await alice.publish({ etag })).status).toBe(412);
  });

  it('§6 step 3: an entity-tag is valid until the very second at which it ends', async () => {
    const alice = await start();
    const first = await alice.publish({ body: pidf('alice', 'open'), expires: 60 });
    await house.clock.advance(59_000);
    expect((await alice.publish({ etag: first.header('SIP-ETag'), expires: 60 })).status).toBe(200);
  });

  it('§4.1: an entity-tag names something only for its own presentity', async () => {
    const alice = await start();
    const etag = (await alice.publish({ body: pidf('alice', 'open') })).header('SIP-ETag');
    expect((await house.peer('bob').publish({ body: pidf('bob', 'open'), etag })).status).toBe(412);
  });

  it('§6 step 4: Expires below the minimum is 423 with Min-Expires; baresip’s 60 seconds are granted', async () => {
    const alice = await start();
    const response = await alice.publish({ body: pidf('alice', 'open'), expires: 59 });
    expect(response.status).toBe(423);
    expect(response.header('Min-Expires')).toBe('60');
    expect((await alice.publish({ body: pidf('alice', 'open'), expires: 60 })).header('Expires')).toBe('60');
  });

  it('§6 step 4: without Expires the package decides, and the answer says so (pjsua sends none)', async () => {
    const alice = await start();
    const response = await alice.publish({ body: pidf('alice', 'open') });
    expect(response.header('Expires')).toBe('3600');
  });

  it('§6 step 5: a type that the package does not read is 415 with Accept', async () => {
    const alice = await start();
    const response = await alice.publish({ body: 'hello', contentType: 'text/plain' });
    expect(response.status).toBe(415);
    expect(response.header('Accept')).toContain('application/pidf+xml');
  });

  it('§6 step 5: a body that is no PIDF is 400', async () => {
    const alice = await start();
    expect((await alice.publish({ body: '<presence' })).status).toBe(400);
    expect((await alice.publish({ body: '<!DOCTYPE x><presence/>' })).status).toBe(400);
  });

  it('§6 step 5: an initial publication without a body is 400', async () => {
    const alice = await start();
    expect((await alice.publish()).status).toBe(400);
  });

  it('an oversized body is refused, and the sender learns it', async () => {
    const alice = await start();
    const response = await alice.publish({ body: pidf('alice', 'open', 'x'.repeat(MAX_BODY_BYTES)) });
    expect(response.status).toBe(413);
    expect(await kept()).toEqual([]);
  });

  it('§6 step 6: 200 with Expires and exactly one SIP-ETag, new each time and never used before', async () => {
    const alice = await start();
    const etags = new Set<string>();
    let etag: string | undefined;
    for (let round = 0; round < 20; round += 1) {
      const response = await alice.publish({
        ...(round % 2 === 0 ? { body: pidf('alice', 'open', `${round}`) } : {}),
        ...(etag === undefined ? {} : { etag }),
        expires: 600,
      });
      expect(response.status).toBe(200);
      expect(response.headers('SIP-ETag')).toHaveLength(1);
      expect(response.header('SIP-ETag')).toMatch(/^[A-Za-z0-9\-.!%*_+`'~]+$/);
      expect(response.header('Expires')).toBe('600');
      expect(response.headers('Contact')).toEqual([]);
      etag = response.header('SIP-ETag');
      etags.add(etag);
    }
    expect(etags.size).toBe(20);
    expect(await kept()).toHaveLength(1);
  });

  it('§6 step 6: after a success the entity-tag before it is 412', async () => {
    const alice = await start();
    const first = await alice.publish({ body: pidf('alice', 'open') });
    await alice.publish({ etag: first.header('SIP-ETag') });
    expect((await alice.publish({ etag: first.header('SIP-ETag') })).status).toBe(412);
  });

  it('§4.3: a refresh extends the publication and leaves its state', async () => {
    const alice = await start();
    const first = await alice.publish({ body: pidf('alice', 'open', 'same'), expires: 600 });
    await house.clock.advance(500_000);
    expect((await alice.publish({ etag: first.header('SIP-ETag'), expires: 600 })).status).toBe(200);
    await house.clock.advance(500_000);
    const [publication] = await kept();
    expect(Buffer.from(publication?.body ?? []).toString()).toContain('same');
  });

  it('§4.4: a modification replaces that publication alone', async () => {
    const alice = await start();
    const first = await alice.publish({ body: pidf('alice', 'open', 'desk') });
    await alice.publish({ body: pidf('alice', 'open', 'mobile', 't2') });
    await alice.publish({ etag: first.header('SIP-ETag'), body: pidf('alice', 'open', 'lunch') });
    const bodies = (await kept()).map(({ body }) => Buffer.from(body).toString());
    expect(bodies).toHaveLength(2);
    expect(bodies.join()).toContain('mobile');
    expect(bodies.join()).toContain('lunch');
    expect(bodies.join()).not.toContain('desk');
  });

  it('§4.5: Expires 0 with the entity-tag removes the publication', async () => {
    const alice = await start();
    const first = await alice.publish({ body: pidf('alice', 'open') });
    const removed = await alice.publish({ etag: first.header('SIP-ETag'), expires: 0 });
    expect(removed.status).toBe(200);
    expect(removed.header('Expires')).toBe('0');
    expect(await kept()).toEqual([]);
  });

  it('§4.5: an initial publication with Expires 0 is answered 200 and keeps nothing', async () => {
    const alice = await start();
    const response = await alice.publish({ body: pidf('alice', 'open'), expires: 0 });
    expect(response.status).toBe(200);
    expect(response.header('Expires')).toBe('0');
    expect(response.header('SIP-ETag')).not.toBe('');
    expect(await kept()).toEqual([]);
  });

  it('§4, §6: Record-Route and Contact are ignored, and the answer has neither', async () => {
    const alice = await start();
    const published = await alice.publish({
      body: pidf('alice', 'open'),
      headers: { 'Record-Route': '<sip:192.0.2.99;lr>', Contact: '<sip:mallory@192.0.2.66>' },
    });
    expect(published.status).toBe(200);
    expect(published.headers('Record-Route')).toEqual([]);
    expect(published.headers('Contact')).toEqual([]);
    expect(await kept()).toHaveLength(1);
  });

  it('§6: requests for one presentity are served in the order they came, however slow the first one is', async () => {
    const levers = makeLevers();
    const alice = await start({ wrap: levers.wrap });
    const desk = house.peer('alice');
    const first = await alice.publish({ body: pidf('alice', 'open', 'first') });
    await desk.publish({ body: pidf('alice', 'open', 'known') });
    let writes = 0;
    levers.publications.before = (kind) => {
      writes += 1;
      return writes === 1 ? slow(house.clock, 400, kind)(kind) : undefined;
    };
    const slowOne = alice.publish({ etag: first.header('SIP-ETag'), body: pidf('alice', 'open', 'slow') });
    await house.clock.advance(100);
    const early: string[] = [];
    const racing = desk.publish({ etag: first.header('SIP-ETag'), body: pidf('alice', 'closed', 'racing') });
    const order = [slowOne.then(() => early.push('slow')), racing.then(() => early.push('racing'))];
    const [one, other] = await Promise.all([slowOne, racing]);
    await Promise.all(order);
    expect(early).toEqual(['slow', 'racing']);
    // The second one had the entity-tag that the first one has used up by then.
    expect([one.status, other.status]).toEqual([200, 412]);
  });

  it('§6 step 3: an entity-tag of another package is 412', async () => {
    const alice = await start();
    const first = await alice.publish({ body: pidf('alice', 'open') });
    const module = new URL('../../support/example-package.mjs', import.meta.url).href;
    await house.store.eventLoader.set({ event: 'ping-state', module, enabled: true });
    const etag = first.header('SIP-ETag');
    // Importing is native work that no fake clock hastens: it is asked for until it is there.
    const status = async (): Promise<number> => {
      await house.clock.advance(1_000);
      return (await alice.publish({ event: 'ping-state', etag, body: 'up 12', contentType: 'text/plain' })).status;
    };
    await expect.poll(status, { timeout: 10_000 }).toBe(412);
    expect((await alice.publish({ etag })).status).toBe(200);
  });

  it('§6 step 4: Expires is granted as asked: to the second up to the longest', async () => {
    const alice = await start();
    for (const [asked, granted] of [
      [60, 60],
      [1800, 1800],
      [3600, 3600],
    ] as const) {
      const published = await alice.publish({ body: pidf('alice', 'open'), expires: asked });
      expect(published.header('Expires')).toBe(String(granted));
    }
  });

  it('§6 step 5: a body in a removal is not kept', async () => {
    const alice = await start();
    const first = await alice.publish({ body: pidf('alice', 'open') });
    const etag = first.header('SIP-ETag');
    expect((await alice.publish({ etag, expires: 0, body: pidf('alice', 'closed', 'late') })).status).toBe(200);
    expect(await kept()).toEqual([]);
  });

  it('§14.3: a PUBLISH that was recorded and is sent again is 401, and nothing of it is kept', async () => {
    const alice = await start();
    const first = await alice.publish({ body: pidf('alice', 'open', 'recorded') });
    await alice.publish({ etag: first.header('SIP-ETag'), expires: 0 });
    const sent = house.network.passages.filter(({ from, text }) => from === alice.address && text.includes('recorded'));
    // Later than the transaction is remembered: until then it is a merged request (482).
    await house.clock.advance(40_000);
    alice.raw((sent.at(-1)?.text ?? '').replace(/branch=[^;]+/, 'branch=z9hG4bKrecorded'));
    await house.clock.advance(1_000);
    expect(alice.received.at(-1)?.status).toBe(401);
    expect(await kept()).toEqual([]);
  });

  it('§6: a Require that we do not know is 420 with Unsupported', async () => {
    const alice = await start();
    const response = await alice.publish({ body: pidf('alice', 'open'), headers: { Require: 'eventlist' } });
    expect(response.status).toBe(420);
    expect(response.header('Unsupported')).toBe('eventlist');
  });

  it('§6: a database that is away is 503 with Retry-After, nothing is half-applied and the old entity-tag still holds', async () => {
    let away = false;
    const alice = await start({
      wrap: (store) => ({
        ...store,
        publications: {
          ...store.publications,
          write: (write) => (away ? Promise.reject(new StoreUnavailable('gone')) : store.publications.write(write)),
        },
      }),
    });
    const first = await alice.publish({ body: pidf('alice', 'open', 'before') });
    away = true;
    const failed = await alice.publish({ etag: first.header('SIP-ETag'), body: pidf('alice', 'closed', 'never') });
    expect(failed.status).toBe(503);
    expect(failed.header('Retry-After')).toMatch(/^\d+$/);
    away = false;
    const next = await alice.publish({ etag: first.header('SIP-ETag'), body: pidf('alice', 'open', 'after') });
    expect(next.status).toBe(200);
  });

  it('a device that forgot its entity-tags cannot fill the memory: the one that would end first makes room', async () => {
    const alice = await start();
    for (let round = 0; round < 40; round += 1) {
      expect(
        (await alice.publish({ body: pidf('alice', 'open', `round ${round}.`), expires: 600 + round })).status,
      ).toBe(200);
    }
    const bodies = (await kept()).map(({ body }) => Buffer.from(body).toString()).join();
    expect(await kept()).toHaveLength(32);
    expect(bodies).toContain('round 39.');
    expect(bodies).not.toContain('round 0.');
  });
});

describe('RFC 3261 §7, §8.2: what comes with a PUBLISH', () => {
  it('§7.3.2, §8.2.2: fields of answers, and fields nobody knows, are ignored', async () => {
    const alice = await start();
    const published = await alice.publish({
      body: pidf('alice', 'open'),
      headers: { 'SIP-ETag': 'nothing', 'Min-Expires': '1', 'X-Nobody-Knows': '<x>;y="', 'Retry-After': 'soon' },
    });
    expect(published.status).toBe(200);
    expect(published.header('SIP-ETag')).not.toBe('nothing');
  });

  it('§7.4.1, §20.12: a body in a coding that nobody knows is 415 with Accept-Encoding', async () => {
    const alice = await start();
    const refused = await alice.publish({ body: pidf('alice', 'open'), headers: { 'Content-Encoding': 'compress' } });
    expect(refused.status).toBe(415);
    expect(refused.header('Accept-Encoding')).toContain('identity');
    const plain = await alice.publish({ body: pidf('alice', 'open'), headers: { 'Content-Encoding': 'Identity' } });
    expect(plain.status).toBe(200);
  });

  it('§8.2.3: without Content-Type, or with one that is none, a body is 415', async () => {
    const alice = await start();
    for (const contentType of ['text/plain', 'nonsense', '']) {
      const refused = await alice.publish({ body: pidf('alice', 'open'), contentType });
      expect([contentType, refused.status]).toEqual([contentType, 415]);
      expect(refused.header('Accept')).toContain('application/pidf+xml');
    }
  });
});

/** What every answer has. */
const ECHOED = ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Content-Length'];

describe('RFC 3261 §21.4.1: the phrase of a 400 says what is wrong', () => {
  it.each([
    ['no body', {}, 'Missing Body'],
    ['two entity-tags', { etag: 'a, b', body: 'x' }, 'More Than One SIP-If-Match'],
    ['an entity-tag that is empty', { body: 'x', headers: { 'SIP-If-Match': '' } }, 'Empty SIP-If-Match'],
    ['no XML', { body: 'nonsense' }, /^Bad Body: \S/],
    ['a time that is none', { body: 'x', headers: { Expires: 'soon' } }, 'Bad Expires'],
    ['two packages', { body: 'x', headers: { Event: 'presence, dialog' } }, 'More Than One Event'],
  ])('%s', async (_what, publish, phrase) => {
    const alice = await start();
    const refused = await alice.publish(publish);
    expect(refused.status).toBe(400);
    expect(refused.reason).toEqual(typeof phrase === 'string' ? phrase : expect.stringMatching(phrase));
    const [head = ''] = refused.text.split('\r\n\r\n');
    const names = head
      .split('\r\n')
      .slice(1)
      .map((line) => line.replace(/:.*$/, ''));
    expect(names.filter((name) => !ECHOED.includes(name))).toEqual([]);
  });
});

describe('RFC 3261 §8.2.1, §11: other methods', () => {
  it('RFC 3903 §7, RFC 3261 §11.2: OPTIONS names PUBLISH in Allow and the packages in Allow-Events', async () => {
    const alice = await start();
    const response = await alice.ask({ method: 'OPTIONS', uri: 'sip:example.com', authenticate: false });
    expect(response.status).toBe(200);
    expect(response.header('Allow')).toBe('SUBSCRIBE, PUBLISH, OPTIONS');
    expect(response.header('Allow-Events')).toBe('presence, presence.winfo');
  });

  it.each(['INVITE', 'REGISTER', 'MESSAGE', 'NOTIFY', 'BYE', 'UNHEARDOF'])(
    'RFC 3261 §8.2.1: %s is 405 with Allow',
    async (method) => {
      const alice = await start();
      const response = await alice.ask({ method, uri: uri('alice'), authenticate: false });
      expect(response.status).toBe(405);
      expect(response.header('Allow')).toContain('PUBLISH');
    },
  );
});
