import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type AccountState,
  type AuthenticateNeeds,
  authenticationInfo,
  type Guessing,
  makeAuthenticate,
  makeGuessing,
  makeTrustedPeers,
} from '#gate';
import { type Aor, makeDomains, makeRealms, readAor } from '#model';
import { makeRandom } from '#runtime';
import { makeNonces, type Refusal, readMessage, type SipRequest } from '#sip';
import { makeFakeClock } from '../../support/fake-clock.ts';

const clock = makeFakeClock();
const NONCE_LIFE_MS = 3_600_000;

const hash = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');
const NAMES = { MD5: 'md5', 'SHA-256': 'sha256' } as const;

function makeGate(more: Partial<AuthenticateNeeds> = {}) {
  const proved: (readonly string[])[] = [];
  const looked: string[] = [];
  const domains = makeDomains(['example.com', 'example.net'], ['192.0.2.1']);
  const nonces = makeNonces({
    key: new Uint8Array(32),
    clock,
    random: makeRandom(),
    lifetimeMs: NONCE_LIFE_MS,
    capacity: 2_000,
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
      account: () => undefined,
      credentials: (aor, algorithm) => {
        looked.push(aor);
        return aor === readAor('sip:alice@example.com') || aor === readAor('sip:alice@example.net')
          ? {
              aor,
              disabled: false,
              ha1: (user, realm) =>
                algorithm === 'SHA-512-256' ? undefined : hash(NAMES[algorithm], `${user}:${realm}:secret`),
              ofDevices: (user, realm) =>
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
            ? { aor, disabled: true, ha1: () => hash('md5', 'gone:example.com:secret'), ofDevices: () => new Map() }
            : undefined;
      },
    },
    ...more,
  });
  return { nonces, authenticate, proved, looked };
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
  /** Instead of that of the password. */
  readonly ha1?: string;
  /** Credentials that stand before. */
  readonly before?: string;
  readonly from?: string;
}

function request(claim: Claim): SipRequest {
  const {
    username = 'alice',
    realm = 'example.com',
    uri = 'sip:alice@example.com',
    nc = '00000001',
    algorithm = 'MD5',
  } = claim;
  const ha1 = claim.ha1 ?? hash(NAMES[algorithm], `${username}:${realm}:${claim.password ?? 'secret'}`);
  const ha2 = hash(NAMES[algorithm], `PUBLISH:${uri}`);
  const response = hash(NAMES[algorithm], `${ha1}:${claim.nonce}:${nc}:c:auth:${ha2}`);
  const reading = readMessage(
    Buffer.from(
      [
        `PUBLISH ${claim.requestUri ?? uri} SIP/2.0`,
        'Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa',
        `From: <${claim.from ?? 'sip:alice@example.com'}>;tag=1`,
        'To: <sip:alice@example.com>',
        'Call-ID: a',
        'CSeq: 1 PUBLISH',
        'Max-Forwards: 70',
        ...(claim.before === undefined ? [] : [`Authorization: ${claim.before}`]),
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
    ['credentials for us at another host', { requestUri: 'sip:alice@elsewhere.example' }],
    ['credentials for no address', { uri: 'nonsense', requestUri: 'sip:alice@example.com' }],
    ['a request for no address', { requestUri: 'tel:+4930' }],
    ['an address of another domain as user name', { username: 'alice@example.net' }],
    ['an address of no domain of ours as user name', { username: 'alice@elsewhere.example' }],
    ['no address, though it has an @', { username: '@' }],
    ['what unknown users are checked against', { username: 'nobody', ha1: '0'.repeat(64) }],
    ['what disabled accounts are checked against', { username: 'gone', ha1: '0'.repeat(64) }],
    ['a disabled account’s own password', { username: 'gone', ha1: hash('md5', 'gone:example.com:secret') }],
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

describe('RFC 3261 §22.4: whom a user name means', () => {
  it('somebody of the realm’s domain', () => {
    const { nonces, authenticate } = makeGate();
    const there = { realm: 'example.net', uri: 'sip:alice@example.net' };
    const identity = { identity: 'sip:alice@example.net' };
    expect(authenticate(from({ nonce: nonces.mint(), ...there }))).toEqual(identity);
    expect(authenticate(from({ nonce: nonces.mint(), ...there, username: 'alice@example.net' }))).toEqual(identity);
  });

  it.each(['@', 'alice@example.net', 'alice@elsewhere.example'])(
    '%s in the realm of another: nobody is looked up',
    (username) => {
      const { nonces, authenticate, looked } = makeGate();
      expect(authenticate(from({ nonce: nonces.mint(), username }))).toEqual(challenge(false));
      expect(looked).toEqual([]);
    },
  );
});

describe('RFC 7616 §3.5: the next nonce', () => {
  it('is told where there is one', () => {
    expect(authenticationInfo({})).toEqual([]);
    expect(authenticationInfo({ nextNonce: 'n' })).toEqual([['Authentication-Info', 'nextnonce="n"']]);
  });
});

describe('RFC 3261 §22.3: credentials for several', () => {
  it.each([
    ['another scheme', 'Basic YWxpY2U6c2VjcmV0'],
    ['another realm', 'Digest username="alice",realm="elsewhere",nonce="n",uri="sip:alice@example.com",response="00"'],
  ])('those of %s are passed over, and ours are found behind them', (_, before) => {
    const { nonces, authenticate } = makeGate();
    expect(authenticate(from({ nonce: nonces.mint(), before }))).toEqual(alice);
  });

  it('an address of ours in the user name is the domain that it means', () => {
    const { nonces, authenticate } = makeGate();
    expect(authenticate(from({ nonce: nonces.mint(), username: 'alice@192.0.2.1' }))).toEqual(alice);
  });

  it('the same address elsewhere with other parameters is the same request', () => {
    const { nonces, authenticate } = makeGate();
    const requestUri = 'sip:alice@elsewhere.example;transport=tcp';
    expect(authenticate(from({ nonce: nonces.mint(), uri: 'sip:alice@elsewhere.example', requestUri }))).toEqual(alice);
  });
});

describe('whose realm a sender is challenged in', () => {
  const realmOf = (claim: Partial<Claim>): string => {
    const { authenticate } = makeGate();
    const { refused } = authenticate(from({ nonce: 'made-up', ...claim })) as Refusal;
    return /realm="([^"]*)"/.exec(refused.headers?.[0]?.[1] ?? '')?.[1] ?? '';
  };

  it('the sender’s own, else that of the address asked for, else the first', () => {
    const [here, there, elsewhere] = ['sip:a@example.com', 'sip:a@example.net', 'sip:a@elsewhere.example'];
    expect(realmOf({ from: there, uri: here })).toBe('example.net');
    expect(realmOf({ from: elsewhere, uri: there })).toBe('example.net');
    expect(realmOf({ from: 'tel:+4930', uri: there })).toBe('example.net');
    expect(realmOf({ from: elsewhere, uri: elsewhere })).toBe('example.com');
  });
});

describe('answers that wait to be looked at', () => {
  function slow(waitMs: number | undefined) {
    const seen = { asked: 0, right: 0, wrong: 0 };
    const judged = (isRight: boolean): void => {
      if (isRight) seen.right += 1;
      else seen.wrong += 1;
    };
    const guessing: Guessing = {
      admit() {
        seen.asked += 1;
        return waitMs === undefined ? undefined : { waitMs, judged };
      },
    };
    return { guessing, seen };
  }

  it('are not looked at before their time, and are then', async () => {
    const { guessing, seen } = slow(1_000);
    const { nonces, authenticate, proved } = makeGate({ guessing });
    const outcome = authenticate(from({ nonce: nonces.mint() }));
    await clock.advance(999);
    expect([proved.length, seen.right]).toEqual([0, 0]);
    await clock.advance(1);
    expect(await outcome).toEqual(alice);
    expect([proved.length, seen.right]).toEqual([1, 1]);
  });

  it('what too many wait for already is 401, and never looked at', () => {
    const { nonces, authenticate, proved } = makeGate({ guessing: slow(undefined).guessing });
    expect(authenticate(from({ nonce: nonces.mint() }))).toEqual(challenge(false));
    expect(proved).toEqual([]);
  });

  it('a thousand wait, one more does not; when their time has come there is room again', async () => {
    const { nonces, authenticate } = makeGate({ guessing: slow(1_000).guessing });
    const waiting = Array.from({ length: 1_000 }, () => authenticate(from({ nonce: nonces.mint() })));
    expect(waiting.every((one) => one instanceof Promise)).toBe(true);
    expect(authenticate(from({ nonce: nonces.mint() }))).toEqual(challenge(false));
    await clock.advance(1_000);
    expect(await Promise.all(waiting)).toEqual(new Array(1_000).fill(alice));
    const later = authenticate(from({ nonce: nonces.mint() }));
    await clock.advance(1_000);
    expect(await later).toEqual(alice);
  });

  it('a nonce that has proved this account’s password is nothing that a guesser has: nobody waits with it', () => {
    const { guessing, seen } = slow(0);
    const { nonces, authenticate } = makeGate({ guessing });
    const nonce = nonces.mint();
    for (const nc of ['00000001', '00000002', '00000003']) expect(authenticate(from({ nonce, nc }))).toEqual(alice);
    expect(seen).toEqual({ asked: 1, right: 1, wrong: 0 });
    expect(authenticate(from({ nonce, nc: '00000004', username: 'nobody' }))).toEqual(challenge(false));
    expect(seen).toEqual({ asked: 2, right: 1, wrong: 1 });
  });
});

describe('RFC 3325 §9.1: a sender whom a trusted peer asserts', () => {
  const asserted = async (account: AccountState | undefined) => {
    const { authenticate } = makeGate({
      trusted: makeTrustedPeers(['192.0.2.9']),
      access: { rules: () => [], credentials: () => undefined, account: () => Promise.resolve(account) },
    });
    const headers = { list: () => ['<sip:alice@192.0.2.1>'] };
    const asks = from({ nonce: 'none' });
    return authenticate({ ...asks, request: { ...asks.request, headers } as unknown as SipRequest });
  };
  const known = { aor: readAor(alice.identity) as Aor, disabled: false };

  it('is the account, under the domain that is meant; one that is gone or disabled is nobody', async () => {
    expect(await asserted(known)).toEqual(alice);
    expect(await asserted({ ...known, disabled: true })).toEqual(challenge(false));
    expect(await asserted(undefined)).toEqual(challenge(false));
  });
});
