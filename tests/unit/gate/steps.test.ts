/** The small steps of the gate, one by one; the conformance suites have them together. */
import { describe, expect, it } from 'vitest';
import {
  type AccountState,
  allowEvents,
  decodeBody,
  makeAnswerOptions,
  makeFindPackage,
  makeFindResource,
  makeGrantRequestExpiry,
  makeNameResource,
  makeTrustedPeers,
  refuseExtensions,
} from '#gate';
import { makeDomains } from '#model';
import { type Refusal, readMessage, refuse, type SipRequest } from '#sip';
import { assertedIdentity } from '../../../services/gate/asserted-identity.ts';
import { refuseScheme } from '../../../services/gate/find-resource.ts';
import { makeRetryAfter } from '../../../services/gate/retry-after.ts';
import { aor } from '../../support/stores.ts';

const domains = makeDomains(['example.com', 'example.net'], ['192.0.2.1']);

interface Given {
  readonly uri?: string;
  readonly to?: string;
  readonly lines?: readonly string[];
  readonly body?: Uint8Array;
}

function request({
  uri = 'sip:alice@example.com',
  to = 'sip:alice@example.com',
  lines = [],
  body,
}: Given = {}): SipRequest {
  const head = [
    `PUBLISH ${uri} SIP/2.0`,
    'Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa',
    'From: <sip:alice@example.com>;tag=1',
    `To: <${to}>`,
    'Call-ID: a',
    'CSeq: 1 PUBLISH',
    'Max-Forwards: 70',
    ...lines,
    `Content-Length: ${body?.length ?? 0}`,
  ];
  const reading = readMessage(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body ?? Buffer.alloc(0)]));
  if (reading.kind !== 'request') throw new Error('not a request');
  return reading;
}

const refused = (status: number, { headers = [], reason }: Partial<Refusal['refused']> = {}): Refusal =>
  refuse(status, headers, reason);

const registry = (...names: readonly string[]) =>
  ({
    names: () => names,
    find: (name: string) =>
      names.includes(name)
        ? { name, feed: name.endsWith('.winfo') ? 'watchers' : 'publications', publishes: ['a/b', `${name}/x`] }
        : undefined,
  }) as never;

describe('RFC 6665 §4.2.1.1, §8.2.1: which package', () => {
  const find = (...events: readonly string[]) =>
    makeFindPackage(registry('presence', 'mood'))({
      request: request({ lines: events.map((one) => `Event: ${one}`) }),
    });

  it.each([
    ['presence', 'presence', ''],
    ['Presence;id=A.7', 'presence', 'A.7'],
    ['mood;x=1', 'mood', ''],
  ])('%s is %s with the id “%s”', (event, name, eventId) => {
    expect(find(event)).toEqual({ eventPackage: expect.objectContaining({ name }), eventId });
  });

  it.each(['dialog', 'presence.winfo', '', ';id=1', 'pres ence', 'présence'])(
    '“%s” is 489, with what is loaded',
    (event) => {
      expect(find(event)).toEqual(refused(489, { headers: [['Allow-Events', 'presence, mood']] }));
    },
  );

  it('none is 489 too; where nothing is loaded, nothing is named', () => {
    expect(find()).toEqual(refused(489, { headers: [['Allow-Events', 'presence, mood']] }));
    expect(makeFindPackage(registry())({ request: request({ lines: ['Event: presence'] }) })).toEqual(refused(489));
    expect(allowEvents(registry())).toEqual([]);
  });

  it('two are 400', () => {
    const outcome = find('presence, mood');
    expect(outcome).toEqual(refused(400, { reason: 'More Than One Event' }));
  });

  it.each(['""', '"a b"'])('an id that is no token, %s, is 400', (id) => {
    const outcome = find(`presence;id=${id}`);
    expect(outcome).toEqual(refused(400, { reason: 'Bad Event Id' }));
  });
});

describe('RFC 3856 §5, RFC 3261 §8.2.2.1: whose presence', () => {
  const name = (given: Given, presentityInTo = false) =>
    makeNameResource({
      domains,
      needsOf: (agent) => ({ presentityInTo: presentityInTo && agent === 'Yealink' }) as never,
    })({
      request: request({ lines: ['User-Agent: Yealink'], ...given }),
    });

  it.each(['sip:alice@example.com', 'sips:alice@example.com', 'PRES:alice@example.com', 'im:alice@192.0.2.1'])(
    '%s is alice',
    (uri) => {
      expect(name({ uri })).toEqual({ presentity: aor('alice') });
      expect(refuseScheme({ request: request({ uri }) })).toEqual({});
    },
  );

  it.each(['tel:+4930123', 'http:alice@example.com', 'xsip:alice@example.com'])('%s is 416', (uri) => {
    expect(name({ uri }, true)).toEqual(refused(416));
    expect(refuseScheme({ request: request({ uri }) })).toEqual(refused(416));
  });

  it.each(['sip:alice@elsewhere.example', 'sip:example.com'])('%s is 404', (uri) => {
    expect(name({ uri })).toEqual(refused(404));
  });

  it('of clients that name the domain alone, whoever To names; of nobody else, and at no other domain', () => {
    expect(name({ uri: 'sip:example.com' }, true)).toEqual({ presentity: aor('alice') });
    expect(name({ uri: 'sip:example.com', lines: [] }, true)).toEqual(refused(404));
    for (const uri of ['sip:elsewhere.example', 'pres:example.com', 'sip:example.com:99999', 'sip:example.com;']) {
      expect(name({ uri }, true)).toEqual(refused(404));
    }
    expect(name({ uri: 'sip:example.com', to: 'sip:alice@elsewhere.example' }, true)).toEqual(refused(404));
    expect(name({ uri: 'sip:example.com', to: 'tel:+4930123' }, true)).toEqual(refused(404));
  });

  it.each([false, true])(
    'an account that is not there, or disabled, is not found; asked at once or late: %s',
    async (late) => {
      const account = { aor: aor('alice'), disabled: false };
      const find = (known: AccountState | undefined, status?: number) => {
        const access = { account: () => (late ? Promise.resolve(known) : known) };
        return makeFindResource(access, status)({ presentity: aor('alice') });
      };
      expect(find(account) instanceof Promise).toBe(late);
      expect(await find(account)).toEqual({ presentity: account.aor });
      expect(await find({ ...account, disabled: true })).toEqual(refused(404));
      expect(await find(undefined)).toEqual(refused(404));
      expect(await find(undefined, 403)).toEqual(refused(403));
    },
  );
});

describe('RFC 6665 §4.2.1.1, RFC 3903 §6 step 4: how long', () => {
  const grant = (expires: string | undefined, fraction = 0) => {
    const drawn: number[] = [];
    const random = {
      fraction() {
        drawn.push(fraction);
        return fraction;
      },
    };
    const duration = { min: 60, usual: 1800, max: 3600 };
    const lines = expires === undefined ? [] : [`Expires: ${expires}`];
    const known = { request: request({ lines }), eventPackage: { duration } };
    return { outcome: makeGrantRequestExpiry(random)(known as never), drawn };
  };

  it.each([
    [undefined, 1800],
    ['0', 0],
    ['60', 60],
    ['3600', 3600],
    ['3601', 3600],
    ['99999999999', 3600],
  ])('%s: %i seconds', (asked, expires) => {
    expect(grant(asked).outcome).toEqual({ expires });
  });

  it('chance is asked only where something must be shortened', () => {
    expect(grant('3600', 0.5)).toEqual({ outcome: { expires: 3600 }, drawn: [] });
    expect(grant(undefined, 0.5).drawn).toEqual([]);
    expect(grant('3601', 0.999)).toEqual({ outcome: { expires: 3240 }, drawn: [0.999] });
  });

  it('too brief is 423 with the least, no number is 400', () => {
    expect(grant('59').outcome).toEqual(refused(423, { headers: [['Min-Expires', '60']] }));
    for (const text of ['', 'soon', '-1', '1e3']) {
      const { outcome } = grant(text);
      expect(outcome).toEqual(refused(400, { reason: 'Bad Expires' }));
    }
  });
});

describe('RFC 3261 §8.2.2.3, §20.12: extensions, codings, when to come back', () => {
  it('what is required is named in a 420; a Require that names nothing requires nothing', () => {
    expect(refuseExtensions({ request: request() })).toEqual({});
    expect(refuseExtensions({ request: request({ lines: ['Require: '] }) })).toEqual({});
    const both = request({ lines: ['Require: 100rel', 'Require: a, b'] });
    expect(refuseExtensions({ request: both })).toEqual(refused(420, { headers: [['Unsupported', '100rel, a, b']] }));
  });

  it('a body without its coding; one that nobody can undo is 415', () => {
    const plain = Buffer.from('text');
    expect(decodeBody({ request: request({ body: plain }) })).toEqual({ body: plain });
    expect(decodeBody({ request: request({ body: plain, lines: ['Content-Encoding: br'] }) })).toEqual(
      refused(415, { headers: [['Accept-Encoding', 'gzip, deflate, identity']] }),
    );
  });

  it('between 5 and 9 seconds, evenly', () => {
    const after = (fraction: number) => makeRetryAfter({ fraction: () => fraction })();
    expect([0, 0.19, 0.2, 0.5, 0.999].map(after)).toEqual(['5', '5', '6', '7', '9']);
  });
});

describe('RFC 3325 §9.1: who is asserted, and by whom', () => {
  const asserted = (
    values: readonly string[],
    address: string,
    trusted: readonly string[] = ['192.0.2.96/29', '2001:db8::/64'],
  ) =>
    assertedIdentity(
      {
        request: request({ lines: values.map((value) => `P-Asserted-Identity: ${value}`) }),
        flow: { transport: 'udp', via: 'udp:192.0.2.1:5060', address, port: 5060 },
      },
      makeTrustedPeers(trusted),
      domains,
    );
  const BOB = aor('bob');

  it('a trusted peer, by address or range, IPv4 or IPv6', () => {
    for (const address of ['192.0.2.96', '192.0.2.103', '2001:db8::7']) {
      expect(asserted(['<sip:bob@example.com>'], address)).toBe(BOB);
    }
    for (const address of ['192.0.2.95', '192.0.2.104', '2001:db8:1::7']) {
      expect(asserted(['<sip:bob@example.com>'], address)).toBeUndefined();
    }
    expect(asserted(['<sip:bob@example.com>'], '192.0.2.9', ['192.0.2.9'])).toBe(BOB);
    expect(asserted(['<sip:bob@example.com>'], '2001:db8::9', ['2001:db8::9'])).toBe(BOB);
    expect(asserted(['<sip:bob@example.com>'], '2001:db8::8', ['2001:db8::9'])).toBeUndefined();
    expect(asserted(['<sip:bob@example.com>'], '192.0.2.9', [])).toBeUndefined();
  });

  it('the first who is ours, under the domain that is meant', () => {
    const peer = '192.0.2.99';
    expect(asserted(['<sip:bob@192.0.2.1>'], peer)).toBe(BOB);
    expect(asserted(['<tel:+4930123>', '"Bob" <sip:bob@example.com>'], peer)).toBe(BOB);
    expect(asserted(['<sip:bob@elsewhere.example>, <sip:bob@example.com>'], peer)).toBe(BOB);
    expect(asserted(['<sip:bob@elsewhere.example>'], peer)).toBeUndefined();
    expect(asserted(['nonsense <'], peer)).toBeUndefined();
    expect(asserted([], peer)).toBeUndefined();
  });
});

describe('RFC 3261 §11.2: OPTIONS', () => {
  const answer = (given: Given = {}) =>
    makeAnswerOptions(registry('presence', 'mood', 'presence.winfo'), 'A, B')(request(given));

  it('says what can be done here, and is forgotten', () => {
    expect(answer()).toEqual({
      status: 200,
      headers: [
        ['Allow', 'A, B'],
        ['Allow-Events', 'presence, mood, presence.winfo'],
        ['Accept', 'a/b, presence/x, mood/x'],
        ['Accept-Encoding', expect.stringContaining('gzip')],
        ['Accept-Language', 'en'],
        ['Supported', ''],
      ],
      stateless: true,
    });
  });

  it('another scheme, and extensions, are refused as in any request', () => {
    expect(answer({ uri: 'tel:+4930123' })).toMatchObject({ status: 416, stateless: true });
    expect(answer({ lines: ['Require: 100rel'] })).toMatchObject({
      ...{ status: 420, stateless: true },
      headers: [['Unsupported', '100rel']],
    });
  });
});
