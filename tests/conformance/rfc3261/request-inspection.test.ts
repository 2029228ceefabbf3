/** RFC 3261 §8.2, §19.1, §12.2: what a request is looked at for before anything is done, by the whole service. */
import { afterEach, describe, expect, it } from 'vitest';
import { aor, type House, openHouse, pidf, uri } from '../../support/house.ts';
import type { Wire } from '../../support/wire.ts';

let house: House;
afterEach(() => house.close());

const kept = async (user = 'alice') => house.store.publications.of(aor(user), house.clock.now());

async function publishAt(requestUri: string, options: Parameters<typeof openHouse>[0] = {}): Promise<Wire> {
  house = await openHouse({ paceMs: 0, ...options });
  return house.peer('alice').ask({
    method: 'PUBLISH',
    uri: requestUri,
    to: uri('alice'),
    headers: { Event: 'presence', 'Content-Type': 'application/pidf+xml' },
    body: pidf('alice', 'open'),
  });
}

const options = (more: Readonly<Record<string, string>> = {}, target = 'sip:example.com'): Promise<Wire> =>
  house.peer('bob').ask({ method: 'OPTIONS', uri: target, authenticate: false, headers: more });

describe('RFC 3261 §8.2.1: the method', () => {
  it.each(['INVITE', 'REGISTER', 'MESSAGE', 'REFER', 'NOTIFY', 'INFO', 'BYE', 'UPDATE', 'NEWMETHOD'])(
    '%s is 405 with Allow, and nobody is challenged',
    async (method) => {
      house = await openHouse();
      const response = await house.peer('bob').ask({ method, uri: uri('alice') });
      expect(response.status).toBe(405);
      expect(response.header('Allow')).toBe('SUBSCRIBE, PUBLISH, OPTIONS');
    },
  );
});

describe('RFC 3261 §8.2.2.1: the Request-URI', () => {
  it.each([
    ['as it is', 'sip:alice@example.com'],
    ['§19.1.4: needless escapes', 'sip:%61lice@example.com'],
    ['§19.1.4: the host in capitals', 'sip:alice@EXAMPLE.com'],
    ['a port and parameters', 'sip:alice@example.com:5060;transport=udp;lr'],
    ['§19.1.1: user=phone says how the user part is written, not who it is', 'sip:alice@example.com;user=phone'],
    ['a password', 'sip:alice:secret@example.com'],
    ['RFC 3856 §5: pres:', 'pres:alice@example.com'],
    ['sips:, which by what it came is between the two', 'sips:alice@example.com'],
    ['an address of ours', 'sip:alice@192.0.2.1:5060'],
  ])('%s: one and the same presentity', async (_, requestUri) => {
    expect((await publishAt(requestUri)).status).toBe(200);
    expect(await kept()).toHaveLength(1);
  });

  it('an IPv6 literal that is an alias of ours', async () => {
    house = await openHouse({ aliases: ['[2001:db8::1]'] });
    const alice = house.peer('alice');
    const asked = {
      method: 'PUBLISH',
      to: uri('alice'),
      headers: { Event: 'presence', 'Content-Type': 'application/pidf+xml' },
    };
    const body = pidf('alice', 'open');
    expect((await alice.ask({ ...asked, uri: 'sip:alice@[2001:db8::1]:5060', body })).status).toBe(200);
    expect((await alice.ask({ ...asked, uri: 'sip:alice@[2001:db8::2]', body })).status).not.toBe(200);
  });

  it('a user part may be anything that can be escaped', async () => {
    house = await openHouse({ users: ['jürgen d’ünn', 'a@b'] });
    for (const [user, escaped] of [
      ['jürgen d’ünn', 'j%C3%BCrgen%20d%E2%80%99%C3%BCnn'],
      ['a@b', 'a%40b'],
    ] as const) {
      const peer = house.peer(user, undefined, { user: escaped });
      const response = await peer.ask({ method: 'OPTIONS', uri: `sip:${escaped}@example.com` });
      expect(response.status).toBe(200);
    }
  });

  it.each(['tel:+12125551212', 'mailto:alice@example.com', 'unknown:alice@example.com', 'soap.beep://192.0.2.1:3002'])(
    '%s is of a scheme that we do not have: 416',
    async (requestUri) => {
      house = await openHouse();
      expect((await options({}, requestUri)).status).toBe(416);
    },
  );

  it('416 in a PUBLISH and a SUBSCRIBE, too, and not the account that its user part would name', async () => {
    house = await openHouse({ users: ['alice', 'mailto'] });
    const peer = house.peer('alice');
    for (const method of ['PUBLISH', 'SUBSCRIBE']) {
      // The digest's uri has another scheme than its Request-URI could have: the challenge comes first.
      const response = await peer.ask({ method, uri: 'mailto:alice@example.com', headers: { Event: 'presence' } });
      expect([401, 416]).toContain(response.status);
    }
    expect(await kept('mailto')).toEqual([]);
  });

  it('somebody else’s domain is 404', async () => {
    expect((await publishAt('sip:alice@elsewhere.example')).status).toBe(404);
  });
});

describe('RFC 3261 §8.2.2.3: Require', () => {
  it('an extension that we do not have is named in a 420, for every method that we have', async () => {
    house = await openHouse();
    for (const method of ['PUBLISH', 'SUBSCRIBE', 'OPTIONS']) {
      const headers = { Event: 'presence', Require: '100rel, foo' };
      const response = await house.peer('alice').ask({ method, uri: uri('alice'), headers });
      expect([response.status, response.header('Unsupported')]).toEqual([420, '100rel, foo']);
    }
  });

  it('§20.29: Proxy-Require is for proxies, and says nothing to us', async () => {
    house = await openHouse();
    expect((await options({ 'Proxy-Require': 'foo' })).status).toBe(200);
  });
});

describe('RFC 3261 §8.1.1.6, §16.3: Max-Forwards', () => {
  it('0 stops a request at proxies; whoever it is for answers it', async () => {
    house = await openHouse();
    const peer = house.peer('bob');
    peer.raw(
      `OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP ${peer.address};branch=z9hG4bKzero;rport\r\nMax-Forwards: 0\r\n` +
        'From: <sip:bob@example.com>;tag=1\r\nTo: <sip:example.com>\r\nCall-ID: zero\r\nCSeq: 1 OPTIONS\r\n\r\n',
    );
    await house.clock.advance(50);
    expect(peer.received.map(({ status }) => status)).toEqual([200]);
  });
});

describe('RFC 3261 §11.2: OPTIONS', () => {
  it('says which methods, bodies, codings, languages and extensions are taken', async () => {
    house = await openHouse();
    const response = await options();
    expect(response.status).toBe(200);
    expect(response.header('Allow')).toBe('SUBSCRIBE, PUBLISH, OPTIONS');
    expect(response.header('Accept')).toContain('application/pidf+xml');
    expect(response.header('Accept-Encoding')).toBe('gzip, deflate, identity');
    expect(response.header('Accept-Language')).toBe('en');
    expect(response.headers('Supported')).toHaveLength(1);
    expect(response.header('Allow-Events')).toContain('presence');
  });
});

describe('RFC 3903 §6, RFC 3261 §12: what makes no dialog', () => {
  it('a To tag in a PUBLISH has no meaning', async () => {
    house = await openHouse({ paceMs: 0 });
    const response = await house.peer('alice').ask({
      method: 'PUBLISH',
      uri: uri('alice'),
      toTag: 'somebody-s',
      headers: { Event: 'presence', 'Content-Type': 'application/pidf+xml', 'Record-Route': '<sip:192.0.2.9;lr>' },
      body: pidf('alice', 'open'),
    });
    expect(response.status).toBe(200);
    expect(response.header('To')).toContain(';tag=somebody-s');
    expect([...response.headers('Contact'), ...response.headers('Record-Route')]).toEqual([]);
  });
});

describe('RFC 3261 §12.2.1.1, §16.12.1.2: NOTIFYs through routers', () => {
  it.each([
    [
      'loose',
      ['<sip:192.0.2.60;lr>', '<sip:p2.example.net;lr>'],
      'sip:bob@192.0.2.60:5060',
      '<sip:192.0.2.60;lr>, <sip:p2.example.net;lr>',
    ],
    [
      'strict',
      ['<sip:192.0.2.60>', '<sip:p2.example.net;lr>'],
      'sip:192.0.2.60',
      '<sip:p2.example.net;lr>, <sip:bob@192.0.2.60:5060>',
    ],
  ])('%s', async (_, recorded, requestUri, route) => {
    house = await openHouse({ byDefault: 'allow' });
    const bob = house.peer('bob', '192.0.2.60:5060');
    const watch = await bob.subscribe({ to: uri('alice'), headers: { 'Record-Route': recorded.join(', ') } });
    const { wire } = await watch.next();
    expect(wire.uri).toBe(requestUri);
    expect(wire.headers('Route').join(', ')).toBe(route);
    expect(watch.response.header('Record-Route')).toBe(recorded.join(', '));
  });
});

describe('RFC 3261 §12.2.2: CSeq in a dialog', () => {
  it('a lower one is 500, and moves nothing', async () => {
    house = await openHouse({ byDefault: 'allow' });
    const bob = house.peer('bob', '192.0.2.60:5060');
    const watch = await bob.subscribe({ to: uri('alice') });
    const sent = house.network.passages
      .map(({ text }) => text)
      .filter((text) => text.startsWith('SUBSCRIBE') && text.includes('Authorization'));
    const response = await watch.refresh();
    expect(response.status).toBe(200);
    expect(sent).toHaveLength(1);
    const tag = /;tag=([^;\s]+)/.exec(watch.response.header('To'))?.[1] ?? '';
    const peer = house.peer('bob', '192.0.2.61:5060');
    const late = await peer.ask({
      method: 'SUBSCRIBE',
      uri: uri('alice'),
      toTag: tag,
      fromTag: /;tag=([^;\s]+)/.exec(watch.response.header('From'))?.[1] ?? '',
      callId: watch.callId,
      headers: { Event: 'presence', Expires: '0' },
    });
    // Its numbers begin at 1: two rounds of it are not beyond what bob's phone has reached.
    expect(late.status).toBe(500);
    expect(watch.last?.state).toBe('active');
  });
});

describe('RFC 3261 §7, §25.1: text and bytes', () => {
  it('a display name in UTF-8 comes back as it was', async () => {
    house = await openHouse();
    const peer = house.peer('bob');
    peer.raw(
      Buffer.from(
        `OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP ${peer.address};branch=z9hG4bKutf;rport\r\nMax-Forwards: 70\r\n` +
          'f: "Jürgen „Ü“ 大停電" <sip:bob@example.com>;tag=1\r\nt: <sip:example.com>\r\ni: utf\r\nCSeq: 1 OPTIONS\r\n\r\n',
      ),
    );
    await house.clock.advance(50);
    expect(peer.received[0]?.header('From')).toBe('"Jürgen „Ü“ 大停電" <sip:bob@example.com>;tag=1');
  });

  it('a body of any bytes is a body: what is no PIDF is 400, and the next is served', async () => {
    house = await openHouse();
    const peer = house.peer('alice');
    for (const body of ['\0\0\0', 'PK\u0003\u0004\0', '\u0001'.repeat(1000)]) {
      expect((await peer.publish({ body })).status).toBe(400);
    }
    expect((await peer.publish({ body: pidf('alice', 'open') })).status).toBe(200);
  });

  it('NUL bytes in a header are 400, wherever they stand', async () => {
    house = await openHouse();
    const peer = house.peer('bob');
    for (const [n, line] of ['Subject: a\0b', 'Sub\0ject: a', 'Event: pres\0ence'].entries()) {
      peer.raw(
        `OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP ${peer.address};branch=z9hG4bKnul${n};rport\r\nMax-Forwards: 70\r\n` +
          `From: <sip:bob@example.com>;tag=1\r\nTo: <sip:example.com>\r\nCall-ID: nul${n}\r\nCSeq: 1 OPTIONS\r\n${line}\r\n\r\n`,
      );
    }
    await house.clock.advance(50);
    expect(peer.received.map(({ status }) => status)).toEqual([400, 400, 400]);
  });
});

describe('limits on everything', () => {
  async function ask(
    lines: readonly string[],
    requestUri = 'sip:example.com',
    extra = '',
  ): Promise<number | undefined> {
    house ??= await openHouse();
    const peer = house.peer('bob');
    peer.raw(
      `OPTIONS ${requestUri} SIP/2.0\r\nVia: SIP/2.0/UDP ${peer.address};branch=z9hG4bK${peer.address.replace(/\W/g, '')};rport\r\n` +
        `Max-Forwards: 70\r\nFrom: <sip:bob@example.com>;tag=1${extra}\r\nTo: <sip:example.com>\r\nCall-ID: ${peer.address}\r\n` +
        `CSeq: 1 OPTIONS\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`,
    );
    await house.clock.advance(50);
    return peer.received[0]?.status;
  }

  it('header fields: 256 of them, of 8192 bytes each; beyond, 513', async () => {
    house = await openHouse();
    const fields = (count: number) => Array.from({ length: count - 6 }, (_, n) => `X-${n}: ${n}`);
    expect(await ask(fields(256))).toBe(200);
    expect(await ask(fields(257))).toBe(513);
    expect(await ask([`X: ${'x'.repeat(8191)}`])).toBe(200);
    expect(await ask([`X: ${'x'.repeat(8192)}`])).toBe(513);
  });

  it('a Request-URI of 8192 bytes; beyond, 414', async () => {
    house = await openHouse();
    const long = (length: number) => `sip:${'a'.repeat(length - 16)}@example.com`;
    expect(await ask([], long(8192))).toBe(200);
    expect(await ask([], long(8193))).toBe(414);
  });

  it('parameters: 64 of one value; beyond, and twice the same, 400', async () => {
    house = await openHouse();
    const params = (count: number) => Array.from({ length: count }, (_, n) => `;p${n}=${n}`).join('');
    expect(await ask([], 'sip:example.com', params(63))).toBe(200);
    expect(await ask([], 'sip:example.com', params(64))).toBe(400);
    expect(await ask([], `sip:example.com${params(64)}`)).toBe(200);
    expect(await ask([], `sip:example.com${params(65)}`)).toBe(400);
    expect(await ask([], 'sip:example.com', ';tag=2'.repeat(100))).toBe(400);
  });

  it('a very long Call-ID and From tag come back as they were', async () => {
    house = await openHouse();
    const peer = house.peer('bob');
    const response = await peer.ask({
      method: 'OPTIONS',
      uri: 'sip:example.com',
      callId: 'c'.repeat(4_000),
      fromTag: 't'.repeat(4_000),
    });
    expect(response.status).toBe(200);
    expect(response.header('Call-ID')).toHaveLength(4_000);
  });
});
