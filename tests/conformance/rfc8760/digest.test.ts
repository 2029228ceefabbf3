import { afterEach, describe, expect, it } from 'vitest';
import type { DigestAlgorithm } from '#sip';
import { type House, openHouse, pidf, uri } from '../../support/house.ts';
import { parameter, type Wire } from '../../support/wire.ts';

let house: House;
afterEach(() => house.close());

const open = async (...algorithms: readonly DigestAlgorithm[]): Promise<void> => {
  house = await openHouse(algorithms.length === 0 ? {} : { algorithms: () => algorithms });
};
const knowing = (...algorithms: readonly DigestAlgorithm[]) => house.peer('alice', undefined, { algorithms });
const body = pidf('alice', 'open');
const challengesOf = (response: Wire): readonly string[] => response.headers('WWW-Authenticate');
const ask = async (): Promise<Wire> =>
  house
    .peer('alice')
    .ask({ method: 'PUBLISH', uri: uri('alice'), headers: { Event: 'presence' }, authenticate: false });

describe('RFC 8760 §2.1, §2.2: algorithms', () => {
  it.each([
    ['MD5', 32],
    ['SHA-256', 64],
    ['SHA-512-256', 64],
  ] as const)('RFC 8760 §2.2: %s, with a response of %i digits', async (algorithm, digits) => {
    await open(algorithm);
    const alice = knowing(algorithm);
    expect((await alice.publish({ body })).status).toBe(200);
    const sent = house.network.passages.map(({ text }) => text).find((text) => text.includes('Authorization: Digest'));
    expect(parameter(/Authorization: (.*)/.exec(sent ?? '')?.[1] ?? '', 'response')).toMatch(
      new RegExp(`^[0-9a-f]{${digits}}$`),
    );
    expect((await alice.publish({ body, password: 'guess' })).status).toBe(401);
  });

  it('RFC 8760 §2.1: MD5-sess and its like are not offered and not taken', async () => {
    await open();
    const challenge = challengesOf(await ask())[0] ?? '';
    const nonce = parameter(challenge, 'nonce');
    for (const algorithm of ['MD5-sess', 'SHA-256-sess', 'token']) {
      const response = await house.peer('alice').ask({
        method: 'PUBLISH',
        uri: uri('alice'),
        authenticate: false,
        headers: {
          Event: 'presence',
          Authorization: `Digest username="alice", realm="example.com", nonce="${nonce}", uri="${uri('alice')}", response="${'0'.repeat(64)}", algorithm=${algorithm}, qop=auth, nc=00000001, cnonce="x"`,
        },
      });
      expect(response.status).toBe(401);
      expect(challengesOf(response)).toHaveLength(1);
    }
  });
});

describe('RFC 8760 §2.3: what a UAS challenges with', () => {
  it('one challenge unless told otherwise, and MD5, which every client understands', async () => {
    await open();
    const challenges = challengesOf(await ask());
    expect(challenges).toHaveLength(1);
    expect(parameter(challenges[0] ?? '', 'algorithm')).toBe('MD5');
  });

  it('RFC 8760 §2.3: several are of one realm, each by another algorithm, the most preferred at the top', async () => {
    await open('MD5', 'SHA-512-256', 'SHA-256', 'MD5');
    const challenges = challengesOf(await ask());
    expect(challenges.map((one) => parameter(one, 'algorithm'))).toEqual(['SHA-512-256', 'SHA-256', 'MD5']);
    expect(new Set(challenges.map((one) => parameter(one, 'realm')))).toEqual(new Set(['example.com']));
  });

  it('RFC 8760 §2.3: a client need not take the topmost', async () => {
    await open('SHA-256', 'MD5');
    expect((await knowing('MD5').publish({ body })).status).toBe(200);
    expect((await knowing('SHA-256', 'MD5').publish({ body })).status).toBe(200);
  });

  it('what a request is challenged with may depend on the request', async () => {
    house = await openHouse({
      algorithms: ({ headers }) => (headers.get('user-agent')?.startsWith('Modern') ? ['SHA-256'] : ['MD5']),
    });
    const modern = house.peer('alice', undefined, { algorithms: ['SHA-256'] });
    expect((await modern.publish({ body, headers: { 'User-Agent': 'Modern/2' } })).status).toBe(200);
    expect((await knowing('SHA-256').publish({ body, headers: { 'User-Agent': 'Old' } })).status).toBe(401);
    expect((await knowing('MD5').publish({ body, headers: { 'User-Agent': 'Old' } })).status).toBe(200);
  });

  it('RFC 8760 §3: an answer by an algorithm weaker than any offered is refused, right as it may be', async () => {
    await open('SHA-256');
    const challenge = challengesOf(await ask())[0] ?? '';
    const alice = house.peer('alice', undefined, { algorithms: ['SHA-256'] });
    expect((await alice.publish({ body })).status).toBe(200);
    const { createHash } = await import('node:crypto');
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');
    const nonce = parameter(challenge, 'nonce');
    const response = md5(
      `${md5('alice:example.com:alice-secret')}:${nonce}:00000001:x:auth:${md5(`PUBLISH:${uri('alice')}`)}`,
    );
    const answer = await house.peer('alice').ask({
      method: 'PUBLISH',
      uri: uri('alice'),
      authenticate: false,
      body,
      headers: {
        Event: 'presence',
        'Content-Type': 'application/pidf+xml',
        Authorization: `Digest username="alice", realm="example.com", nonce="${nonce}", uri="${uri('alice')}", response="${response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="x"`,
      },
    });
    expect(answer.status).toBe(401);
    expect(challengesOf(answer).map((one) => parameter(one, 'algorithm'))).toEqual(['SHA-256']);
  });
});

describe('RFC 8760 §2.6: what differs from HTTP', () => {
  it('§2.6: Basic is neither asked for nor taken', async () => {
    await open();
    const response = await house.peer('alice').ask({
      method: 'PUBLISH',
      uri: uri('alice'),
      authenticate: false,
      headers: { Event: 'presence', Authorization: `Basic ${Buffer.from('alice:alice-secret').toString('base64')}` },
    });
    expect(response.status).toBe(401);
    expect(challengesOf(response)[0]).toMatch(/^Digest /);
  });

  it('§2.6 item 7: with auth-int and no body, the hash of nothing is covered', async () => {
    house = await openHouse({ qop: 'auth,auth-int' });
    const alice = house.peer('alice');
    const etag = (await alice.publish({ body })).header('SIP-ETag');
    expect((await alice.publish({ etag })).status).toBe(200);
    expect(house.network.passages.filter(({ text }) => text.includes('qop=auth-int')).length).toBeGreaterThan(1);
  });

  it('§2.6 item 8: qop is always in a challenge, and an answer by MD5 may lack it', async () => {
    await open();
    const challenge = challengesOf(await ask())[0] ?? '';
    expect(challenge).toMatch(/, qop="auth"/);
    const { createHash } = await import('node:crypto');
    const answer = (name: 'md5' | 'sha256', algorithm: string, nonce: string | undefined): string => {
      const hash = (text: string) => createHash(name).update(text).digest('hex');
      const response = hash(`${hash('alice:example.com:alice-secret')}:${nonce}:${hash(`SUBSCRIBE:${uri('bob')}`)}`);
      return `Digest username="alice", realm="example.com", nonce="${nonce}", uri="${uri('bob')}", response="${response}", algorithm=${algorithm}`;
    };
    const subscribe = (authorization: string): Promise<Wire> =>
      house.peer('alice').ask({
        method: 'SUBSCRIBE',
        uri: uri('bob'),
        authenticate: false,
        headers: { Event: 'presence', Expires: '600', Authorization: authorization },
      });
    expect((await subscribe(answer('md5', 'MD5', parameter(challenge, 'nonce')))).status).toBe(200);
    const next = parameter(challengesOf(await ask())[0] ?? '', 'nonce');
    expect((await subscribe(answer('sha256', 'SHA-256', next))).status).toBe(401);
  });
});
