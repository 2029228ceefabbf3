/** The steps of a SUBSCRIBE that only look, one by one; the stories of tests/conformance/rfc6665 have them together. */
import { describe, expect, it } from 'vitest';
import { makeDomains, type Permission, type Rule, type Subject } from '#model';
import { type Refusal, readMessage, refuse, type SipRequest } from '#sip';
import { makeAskPolicy } from '../../../services/subscribe/ask-policy.ts';
import { chooseBody } from '../../../services/subscribe/choose-body.ts';
import { makeMatchIdentity } from '../../../services/subscribe/match-identity.ts';
import { makeMatchSubscription } from '../../../services/subscribe/match-subscription.ts';
import { makeOwnerOnly } from '../../../services/subscribe/owner-only.ts';
import { refuseBody } from '../../../services/subscribe/refuse-body.ts';
import { refuseSharing } from '../../../services/subscribe/refuse-sharing.ts';
import { sameWatcher } from '../../../services/subscribe/same-watcher.ts';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { aor, makeSubscription } from '../../support/stores.ts';

const [ALICE, BOB] = [aor('alice'), aor('bob')];

function request(
  lines: readonly string[] = [],
  body = '',
  from = '<sip:bob@example.com>;tag=f',
  to = '<sip:alice@example.com>',
): SipRequest {
  const head = [
    'SUBSCRIBE sip:alice@example.com SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa',
    `From: ${from}`,
    `To: ${to}`,
    'Call-ID: c',
    'CSeq: 1 SUBSCRIBE',
    'Max-Forwards: 70',
    ...lines,
    `Content-Length: ${body.length}`,
  ];
  const reading = readMessage(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`));
  if (reading.kind !== 'request') throw new Error('not a request');
  return reading;
}

const refused = (status: number, { headers = [], reason }: Partial<Refusal['refused']> = {}): Refusal =>
  refuse(status, headers, reason);
const goesOn = {};

describe('RFC 3856 §6.6, RFC 6665 §4.1.3: what the rules give', () => {
  const ask = (permission: Permission | undefined, byDefault: Permission, late = false) => {
    const rules = permission === undefined ? [] : [rule(permission)];
    const access = { rules: () => (late ? Promise.resolve(rules) : rules) };
    const known = { presentity: ALICE, identity: BOB, eventPackage: { name: 'presence' } };
    return makeAskPolicy(access, byDefault, makeFakeClock())(known as never);
  };
  const rule = (permission: Permission): Rule =>
    ({ owner: ALICE, subject: BOB as string as Subject, event: 'presence', permission }) as Rule;

  it.each([false, true])('rules that must be waited for: %s', async (late) => {
    for (const permission of ['allow', 'confirm', 'polite-block'] as const) {
      expect(await ask(permission, 'block', late)).toEqual({ permission });
    }
    expect(await ask(undefined, 'allow', late)).toEqual({ permission: 'allow' });
    expect(await ask('block', 'allow', late)).toEqual(refused(403));
    expect(await ask(undefined, 'block', late)).toEqual(refused(403));
    expect(ask('allow', 'block', late) instanceof Promise).toBe(late);
  });
});

describe('RFC 6665 §3.1.3: the type of the NOTIFYs', () => {
  const eventPackage = {
    formats: ['application/pidf+xml', 'text/plain'],
    chooseFormat: (ranges: readonly { readonly type: string }[]) =>
      JSON.stringify(ranges).includes('plain') ? 'text/plain' : undefined,
  };
  const choose = (...accept: readonly string[]) =>
    chooseBody({ request: request(accept.map((one) => `Accept: ${one}`)), eventPackage } as never);

  it('is one that the watcher takes; where it says nothing, none is chosen; else 406 with what there is', () => {
    expect(choose()).toEqual({ contentType: undefined });
    expect(choose('image/png, text/plain')).toEqual({ contentType: 'text/plain' });
    expect(choose('image/png', 'text/plain')).toEqual({ contentType: 'text/plain' });
    expect(choose('image/png')).toEqual(refused(406, { headers: [['Accept', 'application/pidf+xml, text/plain']] }));
  });
});

describe('who asks', () => {
  const matchIdentity = makeMatchIdentity(makeDomains(['example.com', 'example.net'], ['alias.example.com']));
  it.each([
    ['<sip:bob@example.com>;tag=f', true],
    ['<sip:bob@alias.example.com>;tag=f', true],
    ['<sip:bob@example.net>;tag=f', false],
    ['<sip:carol@example.com>;tag=f', false],
    ['<tel:+4930>;tag=f', false],
  ])('RFC 3856 §9.1: From %s is bob: %s', (from, isBob) => {
    expect(matchIdentity({ request: request([], '', from), identity: BOB })).toEqual(isBob ? goesOn : refused(403));
  });

  it('the watcher of the dialog and nobody else goes on with it', () => {
    const live = { subscription: makeSubscription('s1') };
    expect(sameWatcher({ identity: BOB, live } as never)).toEqual(goesOn);
    expect(sameWatcher({ identity: ALICE, live } as never)).toEqual(refused(403));
  });

  it('RFC 3857 §4.6, §6.1: who watches is the owner’s alone, on 32 phones', () => {
    const ask = (identity: unknown, feed: string, followers: number) =>
      makeOwnerOnly({ countFollowers: () => followers } as never)({
        ...{ identity, presentity: ALICE },
        eventPackage: { feed, name: 'presence.winfo' },
      } as never);
    expect(ask(BOB, 'publications', 99)).toEqual(goesOn);
    expect(ask(ALICE, 'watchers', 31)).toEqual(goesOn);
    expect(ask(ALICE, 'watchers', 32)).toEqual(refused(403, { reason: 'Too Many Subscriptions' }));
    const { refused: stranger } = ask(BOB, 'watchers', 0) as Refusal;
    expect([stranger.status, stranger.reason]).toEqual([403, undefined]);
  });
});

describe('RFC 6665 §4.2.1.4, §4.5: which subscription', () => {
  it('that of the Call-ID and both tags; 481 where there is none', () => {
    const asked: unknown[] = [];
    const live = {};
    const match = (found: unknown, from?: string, to?: string) =>
      makeMatchSubscription({
        inDialog(dialog: unknown) {
          asked.push(dialog);
          return found;
        },
      } as never)({ request: request([], '', from, to) });
    expect(match(live, '<sip:bob@example.com>;tag=f', '<sip:alice@example.com>;tag=t')).toEqual({ live });
    expect(match(undefined, '<sip:bob@example.com>', '<sip:alice@example.com>')).toEqual(refused(481));
    expect(asked).toEqual([
      { callId: 'c', localTag: 't', remoteTag: 'f' },
      { callId: 'c', localTag: '', remoteTag: '' },
    ]);
  });

  it.each([
    ['presence', '7', true],
    ['presence', '', false],
    ['presence', '8', false],
    ['mood', '7', false],
  ])('§4.5.2: %s with the id “%s” in a dialog of presence;id=7 is the same: %s', (name, eventId, isSame) => {
    const live = { subscription: makeSubscription('s1', { eventId: '7' }) };
    const outcome = refuseSharing({ eventPackage: { name }, eventId, live } as never);
    expect(outcome).toEqual(isSame ? goesOn : refused(403, { reason: 'Dialog Sharing Not Supported' }));
  });
});

describe('RFC 3261 §8.2.3, §20.11: bodies', () => {
  const TYPE = 'Content-Type: text/plain';
  it.each([
    [[], '', true],
    [['Content-Disposition: session;handling=required'], '', true],
    [[TYPE], 'x', false],
    [[TYPE, 'Content-Disposition: session;handling=optional'], 'x', true],
    [[TYPE, 'Content-Disposition: session; a=b ;HANDLING=Optional'], 'x', true],
    [[TYPE, 'Content-Disposition: handling=optional'], 'x', false],
    [[TYPE, 'Content-Disposition: session'], 'x', false],
    [[TYPE, 'Content-Disposition: session;handling'], 'x', false],
    [[TYPE, 'Content-Disposition: session;handling=required'], 'x', false],
    [[TYPE, 'Content-Disposition: session;"'], 'x', false],
  ])('%j with the body “%s” goes on: %s', (lines, body, isTaken) => {
    expect(refuseBody({ request: request(lines, body) })).toEqual(
      isTaken ? goesOn : refused(415, { headers: [['Accept', '']] }),
    );
  });
});
