import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES } from '#model';
import { decodeContent } from '#sip';
import { aor, type House, openHouse, pidf, uri } from '../../support/house.ts';

const document = Buffer.from(pidf('alice', 'open', 'packed'));

function decode(encoding: string | undefined, body: Uint8Array, most = MAX_BODY_BYTES) {
  const values = encoding === undefined ? [] : [encoding];
  const headers = {
    get: () => values[0],
    all: () => values,
    list: () => values.flatMap((value) => value.split(/, */)),
  };
  return decodeContent({ headers, body }, most);
}

const status = (outcome: ReturnType<typeof decodeContent>) => ('refused' in outcome ? outcome.refused.status : 200);

describe('RFC 3261 §20.12: content codings of a request', () => {
  it.each([
    ['gzip', gzipSync(document)],
    ['GZIP', gzipSync(document)],
    ['x-gzip', gzipSync(document)],
    ['deflate', deflateSync(document)],
    ['identity, deflate', deflateSync(document)],
    ['deflate', deflateRawSync(document)],
    ['identity', document],
    [undefined, document],
  ])('%s is undone', (encoding, body) => {
    expect(Buffer.from(decode(encoding, body) as Uint8Array)).toEqual(document);
  });

  it('§8.2.3: a coding that is not known, and one upon another, is 415 with Accept-Encoding', () => {
    for (const encoding of ['br', 'compress', 'gzip, gzip', 'constructor']) {
      expect(decode(encoding, gzipSync(document))).toEqual({
        refused: { status: 415, headers: [['Accept-Encoding', 'gzip, deflate, identity']] },
      });
    }
  });

  it.each([
    ['gzip', document],
    ['deflate', document],
    ['gzip', gzipSync(document).subarray(0, 40)],
    ['deflate', deflateSync(document).subarray(0, 40)],
    ['gzip', Buffer.from([0x1f, 0x8b])],
    ['deflate', Buffer.from([0x78])],
  ])('what is no %s is 400', (encoding, body) => {
    expect(status(decode(encoding, body))).toBe(400);
  });

  it('a body that unpacks to more than is taken is given up there: 413', () => {
    const bomb = Buffer.alloc(50 * 1024 * 1024);
    for (const [encoding, packed] of [
      ['gzip', gzipSync(bomb)],
      ['deflate', deflateSync(bomb)],
      ['deflate', deflateRawSync(bomb)],
    ] as const) {
      expect(packed.length).toBeLessThan(MAX_BODY_BYTES);
      expect(status(decode(encoding, packed))).toBe(413);
    }
    expect(status(decode('gzip', gzipSync(bomb), bomb.length))).toBe(200);
    expect(status(decode('gzip', gzipSync(bomb), bomb.length - 1))).toBe(413);
  });
});

describe('the same in a PUBLISH', () => {
  let house: House;
  afterEach(() => house.close());

  async function publish(encoding: string, body: Buffer, authenticate = true): Promise<string> {
    house ??= await openHouse({ paceMs: 0 });
    const alice = house.peer('alice');
    // Text in the peers' hands: bytes are put on the wire as they are.
    const challenge = (await alice.ask({ method: 'PUBLISH', uri: uri('alice'), authenticate: false })).header(
      'WWW-Authenticate',
    );
    const nonce = /nonce="([^"]*)"/.exec(challenge)?.[1] ?? '';
    const { createHash } = await import('node:crypto');
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');
    const ha1 = md5('alice:example.com:alice-secret');
    const response = md5(`${ha1}:${nonce}:00000001:c:auth:${md5(`PUBLISH:${uri('alice')}`)}`);
    const head = [
      `PUBLISH ${uri('alice')} SIP/2.0`,
      `Via: SIP/2.0/UDP ${alice.address};branch=z9hG4bK${nonce.slice(0, 20)};rport`,
      'Max-Forwards: 70',
      `From: <${uri('alice')}>;tag=1`,
      `To: <${uri('alice')}>`,
      `Call-ID: packed-${nonce.slice(0, 20)}`,
      'CSeq: 1 PUBLISH',
      'Event: presence',
      'Content-Type: application/pidf+xml',
      `Content-Encoding: ${encoding}`,
      ...(authenticate
        ? [
            `Authorization: Digest username="alice", realm="example.com", nonce="${nonce}", uri="${uri('alice')}", response="${response}", qop=auth, nc=00000001, cnonce="c", algorithm=MD5`,
          ]
        : []),
      `Content-Length: ${body.length}`,
    ];
    alice.raw(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
    await house.clock.advance(100);
    return alice.received.at(-1)?.text ?? '';
  }

  it('what was packed is kept and told unpacked', async () => {
    house = await openHouse({ paceMs: 0 });
    expect(await publish('deflate', deflateSync(document))).toMatch(/^SIP\/2\.0 200 /);
    const [kept] = await house.store.publications.of(aor('alice'), house.clock.now());
    expect(Buffer.from(kept?.body ?? [])).toEqual(document);
    expect(await publish('gzip', gzipSync(document))).toMatch(/^SIP\/2\.0 200 /);
    expect(await publish('zstd', document)).toMatch(
      /^SIP\/2\.0 415 [\s\S]*\r\nAccept-Encoding: gzip, deflate, identity\r\n/,
    );
  });

  it('nothing is unpacked for who has not said who they are', async () => {
    house = await openHouse({ paceMs: 0 });
    expect(await publish('gzip', gzipSync(Buffer.alloc(1_000_000)), false)).toMatch(/^SIP\/2\.0 401 /);
  });
});
