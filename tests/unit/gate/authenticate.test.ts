import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeAuthenticate, makeGuessing, makeTrustedPeers } from '#gate';
import { makeDomains, makeRealms, readAor } from '#model';
import { makeRandom } from '#runtime';
import { makeNonces, readMessage, type SipRequest } from '#sip';
import { makeFakeClock } from '../../support/fake-clock.ts';

const clock = makeFakeClock();
const NONCE_LIFE_MS = 3_600_000;

const hash = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');
const NAMES = { MD5: 'md5', 'SHA-256': 'sha256' } as const;

function makeGate() {
  const proved: (readonly string[])[] = [];
  const domains = makeDomains(['example.com', 'example.net'], ['192.0.2.1']);
  const nonces = makeNonces({
    key: new Uint8Array(32),
    clock,
    random: makeRandom(),
    lifetimeMs: NONCE_LIFE_MS,
    capacity: 100,
  });
  const authenticate = makeAuthenticate({
    nonces,
    clock,
    guessing: makeGuessing(clock, makeTrustedPeers([])),
    realms: makeRealms(domains, 'example.com'),
    domains,
    onPassword: (...use) => void proved.push(use),
    access: {
      rules: () => [],
      credentials: (aor) =>
        aor === readAor('sip:alice@example.com')
          ? {
              disabled: false,
              ha1: (user, realm, algorithm) =>
                algorithm === 'SHA-512-256' ? undefined : hash(NAMES[algorithm], `${user}:${realm}:secret`),
              ofDevices: (user, realm, algorithm) =>
                new Map(
                  algorithm === 'SHA-512-256'
                    ? []
                    : ['desk', 'tablet'].map((label) => [
                        label,
                        hash(NAMES[algorithm], `${user}:${realm}:of the ${label}`),
                      ]),
                ),
            }
          : aor === readAor('sip:gone@example.com')
            ? { disabled: true, ha1: () => hash('md5', 'gone:example.com:secret'), ofDevices: () => new Map() }
            : undefined,
    },
  });
  return { nonces, authenticate, proved };
}

interface Claim {
  readonly nonce: string;
  readonly username?: string;
  readonly realm?: string;
  readonly uri?: string;
  readonly requestUri?: string;
  readonly password?: string;
  readonly nc?: string;
  readonly algorithm?: keyof typeof NAMES;
}

function request(claim: Claim): SipRequest {
  const {
    username = 'alice',
    realm = 'example.com',
    uri = 'sip:alice@example.com',
    nc = '00000001',
    algorithm = 'MD5',
  } = claim;
  const ha1 = hash(NAMES[algorithm], `${username}:${realm}:${claim.password ?? 'secret'}`);
  const ha2 = hash(NAMES[algorithm], `PUBLISH:${uri}`);
  const response = hash(NAMES[algorithm], `${ha1}:${claim.nonce}:${nc}:c:auth:${ha2}`);
  const reading = readMessage(
    Buffer.from(
      [
        `PUBLISH ${claim.requestUri ?? uri} SIP/2.0`,
        'Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa',
        'From: <sip:alice@example.com>;tag=1',
        'To: <sip:alice@example.com>',
        'Call-ID: a',
        'CSeq: 1 PUBLISH',
        'Max-Forwards: 70',
        `Authorization: Digest username="${username}",realm="${realm}",nonce="${claim.nonce}",uri="${uri}",qop=auth,nc=${nc},cnonce="c",response="${response}",algorithm=${algorithm}`,
        '',
        '',
      ].join('\r\n'),
    ),
  );
  if (reading.kind !== 'request') throw new Error('not a request');
  return reading;
}

const from = (claim: Claim) => ({
  request: request(claim),
  flow: { transport: 'udp', via: 'udp:192.0.2.1:5060', address: '192.0.2.9', port: 5060 } as const,
});

const alice = { identity: 'sip:alice@example.com' };
const challenge = (stale: boolean) => ({
  refused: {
    status: 401,
    stateless: true,
    headers: [
      ['WWW-Authenticate', stale ? expect.stringContaining('stale=true') : expect.not.stringContaining('stale')],
    ],
  },
});

describe('RFC 3261 §22.4, RFC 7616 §3.4: authentication', () => {
  it('the right answer is the account’s, by MD5 and by SHA-256', () => {
    const { nonces, authenticate } = makeGate();
    expect(authenticate(from({ nonce: nonces.mint() }))).toEqual(alice);
    expect(authenticate(from({ nonce: nonces.mint(), algorithm: 'SHA-256' }))).toEqual(alice);
  });

  it('the password of a single device is the account’s, too, and it is told which one was used, and where', () => {
    const { nonces, authenticate, proved } = makeGate();
    expect(authenticate(from({ nonce: nonces.mint(), password: 'of the tablet' }))).toEqual(alice);
    expect(authenticate(from({ nonce: nonces.mint(), password: 'of the desk', algorithm: 'SHA-256' }))).toEqual(alice);
    expect(authenticate(from({ nonce: nonces.mint() }))).toEqual(alice);
    expect(authenticate(from({ nonce: nonces.mint(), password: 'of a phone that was sold' }))).toEqual(
      challenge(false),
    );
    expect(proved).toEqual([
      [alice.identity, 'tablet', '192.0.2.9'],
      [alice.identity, 'desk', '192.0.2.9'],
      [alice.identity, '', '192.0.2.9'],
    ]);
  });

  it('a whole address as user name is the same account', () => {
    const { nonces, authenticate } = makeGate();
    expect(authenticate(from({ nonce: nonces.mint(), username: 'alice@example.com' }))).toEqual(alice);
  });

  it.each([
    ['a wrong password', { password: 'guess' }],
    ['an unknown user', { username: 'nobody' }],
    ['a disabled account', { username: 'gone' }],
    ['another realm', { realm: 'elsewhere' }],
    ['credentials for another user’s address', { uri: 'sip:bob@example.com', requestUri: 'sip:alice@example.com' }],
    ['credentials for another host', { uri: 'sip:alice@elsewhere.example', requestUri: 'sip:alice@example.com' }],
  ])('%s is 401 with a fresh nonce, and all look alike', (_, wrong) => {
    const { nonces, authenticate } = makeGate();
    expect(authenticate(from({ nonce: nonces.mint(), ...wrong }))).toEqual(challenge(false));
  });

  it('RFC 7616 §3.4.6: parameters may differ, and an address of ours may stand for the domain', () => {
    const { nonces, authenticate } = makeGate();
    const requestUri = 'sip:alice@192.0.2.1:5060;transport=udp';
    expect(authenticate(from({ nonce: nonces.mint(), requestUri }))).toEqual(alice);
  });

  it('a nonce that is not ours is no credentials', () => {
    const { authenticate } = makeGate();
    expect(authenticate(from({ nonce: 'made-up' }))).toEqual(challenge(false));
  });

  it('RFC 7616 §3.3: an old nonce with the right answer is stale, with a wrong one it is not', async () => {
    const { nonces, authenticate } = makeGate();
    const nonce = nonces.mint();
    await clock.advance(NONCE_LIFE_MS + 1_000);
    expect(authenticate(from({ nonce }))).toEqual(challenge(true));
    expect(authenticate(from({ nonce, password: 'guess' }))).toEqual(challenge(false));
  });

  it('RFC 7616 §3.4: a rising count is accepted on one nonce, a count that was used is refused as stale', () => {
    const { nonces, authenticate } = makeGate();
    const nonce = nonces.mint();
    expect(authenticate(from({ nonce, nc: '00000001' }))).toEqual(alice);
    expect(authenticate(from({ nonce, nc: '00000002' }))).toEqual(alice);
    expect(authenticate(from({ nonce, nc: '00000002' }))).toEqual(challenge(true));
  });
});
