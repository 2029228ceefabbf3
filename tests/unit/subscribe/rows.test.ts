/** Beginning and refreshing by themselves: what is asked of the row and of the desk, and what is answered. */
import { beforeEach, describe, expect, it } from 'vitest';
import { CSEQ_BLOCK, type Live, makeLive } from '#notify';
import { type Flow, readMessage, refuse, type SipRequest } from '#sip';
import { StoreUnavailable } from '#store';
import { makeAnswerSubscribe } from '../../../services/subscribe/answer.ts';
import { makeBegin } from '../../../services/subscribe/begin.ts';
import { MAX_SUBSCRIPTIONS } from '../../../services/subscribe/quota.ts';
import { makeRefresh } from '../../../services/subscribe/refresh.ts';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { aor, makeSubscription } from '../../support/stores.ts';

const [ALICE, BOB] = [aor('alice'), aor('bob')];
const flow: Flow = { transport: 'udp', via: 'udp:192.0.2.1:5060', address: '192.0.2.9', port: 5060 };
const clock = makeFakeClock();

let done: unknown[];
beforeEach(() => {
  done = [];
});

function request(
  cseq: number,
  contact = '<sip:bob@192.0.2.9:5060>',
  tag = '',
  lines: readonly string[] = [],
): SipRequest {
  const head = [
    'SUBSCRIBE sip:alice@example.com SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa',
    'From: <sip:bob@example.com>;tag=f',
    `To: <sip:alice@example.com>${tag}`,
    'Call-ID: c',
    `CSeq: ${cseq} SUBSCRIBE`,
    'Max-Forwards: 70',
    `Contact: ${contact}`,
    ...lines,
  ];
  const reading = readMessage(Buffer.from(`${head.join('\r\n')}\r\n\r\n`));
  if (reading.kind !== 'request') throw new Error('not a request');
  return reading;
}

describe('RFC 6665 §4.2.1.2: a subscription begins', () => {
  let kept: number;
  let outcome: () => Promise<string>;
  beforeEach(() => {
    kept = 0;
    outcome = async () => 'written';
  });
  const begin = makeBegin({
    subscriptions: {
      write(write: { readonly kind: string }) {
        done.push(write.kind);
        return outcome();
      },
    },
    watchBook: { countBy: () => kept, add: ({ stored }: Live) => void done.push(`live, kept: ${stored}`) },
    expiry: { watch: () => void done.push('timed') },
    amend: { remove: () => void done.push('removed') },
    register: { began: () => void done.push('told') },
    random: { token: (length: number) => 't'.repeat(length) },
    clock,
  } as never);
  const known = (more: object = {}) =>
    ({
      ...{
        request: request(1),
        flow,
        identity: BOB,
        presentity: ALICE,
        eventId: '7',
        contentType: undefined,
        expires: 600,
      },
      ...{ eventPackage: { name: 'presence', formats: ['a/b', 'c/d'] }, permission: 'allow', ...more },
    }) as never;

  it('is committed, then timed, found and told', async () => {
    expect(await begin(known())).toMatchObject({
      live: {
        stored: true,
        nextCseq: 1,
        subscription: {
          ...{ presentity: ALICE, watcher: BOB, event: 'presence', eventId: '7', state: 'active', permission: 'allow' },
          ...{ cause: 'subscribe', contentType: 'a/b', userAgent: '', reservedCseq: CSEQ_BLOCK, told: '' },
          ...{ createdAt: clock.now(), expiresAt: clock.now() + 600_000 },
        },
      },
    });
    expect(done).toEqual(['insert', 'timed', 'live, kept: true', 'told']);
  });

  it('of somebody who must be confirmed is pending; the type is what was chosen', async () => {
    expect(await begin(known({ permission: 'confirm', contentType: 'c/d' }))).toMatchObject({
      live: { subscription: { state: 'pending', permission: 'confirm', contentType: 'c/d' } },
    });
  });

  it('§4.4.3: a fetch is found and no more', async () => {
    expect(await begin(known({ expires: 0 }))).toMatchObject({ live: { stored: false, isFetch: true } });
    expect(done).toEqual(['live, kept: false']);
  });

  it('that cannot be kept is 400, and nobody hears of it', async () => {
    outcome = async () => 'refused';
    expect(await begin(known())).toEqual(refuse(400, [], 'Subscription Cannot Be Kept'));
    expect(done).toEqual(['insert']);
    expect(await begin(known({ request: request(1, '<sip:a@192.0.2.9>, <sip:b@192.0.2.9>') }))).toEqual(
      refuse(400, [], 'Missing Or Too Long Contact'),
    );
  });

  it('whose commit nobody learnt of goes again; a fault says nothing about the row', async () => {
    outcome = () => Promise.reject(new StoreUnavailable('away'));
    await expect(begin(known())).rejects.toThrow(StoreUnavailable);
    expect(done).toEqual(['insert', 'removed']);
    outcome = () => Promise.reject(new TypeError('oops'));
    await expect(begin(known())).rejects.toThrow(TypeError);
    expect(done).toEqual(['insert', 'removed', 'insert']);
  });

  it('one too many is 403; what came to an end, either way, makes room', async () => {
    kept = MAX_SUBSCRIPTIONS - 1;
    for (const more of [{}, { expires: 0 }, {}]) expect(await begin(known(more))).toHaveProperty('live');
    outcome = () => Promise.reject(new StoreUnavailable('away'));
    await expect(begin(known())).rejects.toThrow(StoreUnavailable);
    outcome = async () => 'written';
    expect(await begin(known())).toHaveProperty('live');
    kept = MAX_SUBSCRIPTIONS;
    for (const more of [{}, { expires: 0 }]) {
      expect(await begin(known(more))).toEqual(refuse(403, [], 'Too Many Subscriptions'));
    }
  });
});

describe('RFC 6665 §4.2.1.4: a subscription is refreshed, or ended by its watcher', () => {
  let outcome: string;
  let live: Live;
  /** What the row is when its turn comes. */
  let row: Live['subscription'];
  beforeEach(() => {
    outcome = 'written';
    row = makeSubscription('s1', { reservedCseq: 100, contentType: 'a/b' });
    live = makeLive(row, 4);
  });
  const refresh = makeRefresh({
    desk: { end: (_live: Live, reason: string, withState: boolean) => void done.push(`end ${reason} ${withState}`) },
    expiry: { watch: () => void done.push('timed') },
    amend: {
      async update(it: Live, change: (now: typeof row) => object | undefined) {
        const changed = change(row);
        done.push(changed);
        // As `Amend` promises.
        if (outcome === 'gone') it.stored = false;
        return changed === undefined ? 'unwanted' : outcome;
      },
      async removed(_live: Live, unless: (now: typeof row) => boolean) {
        if (unless(row)) return 'unwanted';
        done.push('removed');
        return 'removed';
      },
    },
    clock,
  } as never);
  const ask = (more: object = {}) =>
    refresh({ live, request: request(2), flow, expires: 600, contentType: undefined, ...more } as never);
  const outOfOrder = refuse(500, [], 'CSeq Out Of Order');

  it('the row moves: its end, its dialog and the numbers it may use, and its type where one was chosen', async () => {
    expect(await ask()).toEqual({});
    expect(done).toEqual([
      {
        expiresAt: clock.now() + 600_000,
        contentType: 'a/b',
        dialog: expect.objectContaining({ remoteCseq: 2, remoteTarget: 'sip:bob@192.0.2.9:5060' }),
        reservedCseq: 4 + CSEQ_BLOCK,
      },
      'timed',
    ]);
    row = { ...row, reservedCseq: 5_000 };
    await ask({ contentType: 'c/d' });
    expect(done.at(-2)).toMatchObject({ contentType: 'c/d', reservedCseq: 5_000 });
  });

  it('RFC 3261 §12.2.2: one that a newer one has overtaken is 500, whatever it asks for', async () => {
    row = { ...row, dialog: { ...row.dialog, remoteCseq: 2 } };
    expect(await ask()).toEqual(outOfOrder);
    expect(await ask({ expires: 0 })).toEqual(outOfOrder);
    expect(done).toEqual([undefined]);
  });

  it('Expires 0 takes the row, and moves nothing', async () => {
    expect(await ask({ expires: 0 })).toEqual({});
    expect(done).toEqual(['removed']);
  });

  it('more than one Contact is 400; so is one that the row has no room for', async () => {
    expect(await ask({ request: request(2, '<sip:a@192.0.2.9>, <sip:b@192.0.2.9>') })).toEqual(
      refuse(400, [], 'More Than One Contact'),
    );
    expect(done).toEqual([]);
    outcome = 'refused';
    expect(await ask()).toEqual(refuse(400, [], 'Too Long Contact'));
    expect(done).not.toContain('timed');
  });

  it('one whose row is gone has ended: 481, and the watcher is told', async () => {
    outcome = 'gone';
    expect(await ask()).toEqual(refuse(481));
    expect([live.stored, done.at(-1)]).toEqual([false, 'end timeout false']);
  });

  it.each(['ending', 'closed'] as const)('one that is %s meanwhile is 481', async (which) => {
    live.closed = which === 'closed';
    if (which === 'ending') live.ending = { reason: 'rejected', withState: false };
    expect(await ask()).toEqual(refuse(481));
    expect(done).not.toContain('timed');
  });
});

describe('RFC 6665 §4.2.1, §4.4.4: the answer', () => {
  const answer = (tag: string, expires: number, more: object = {}, routes: readonly string[] = []) => {
    const live = makeLive(makeSubscription('s1', { dialog: { ...makeSubscription('s1').dialog, routeSet: [] } }), 1);
    return makeAnswerSubscribe({
      desk: {
        ask: (_live: Live, wish: string) => void done.push(`ask ${wish}`),
        end: (_live: Live, reason: string, withState: boolean) => void done.push(`end ${reason} ${withState}`),
      },
      endpoint: { contact: ({ address }: Flow) => `sip:us-for-${address}` },
      registry: { names: () => ['presence', 'mood'] },
    } as never)({ request: request(2, undefined, tag, routes), flow, live, expires, ...more } as never);
  };

  it('is 200 with the Contact and the time granted; the one that makes the dialog has routes and packages', () => {
    const contact = ['Contact', '<sip:us-for-192.0.2.9>'];
    expect(answer('', 600, {}, ['Record-Route: <sip:a;lr>, <sip:b;lr>', 'Record-Route: <sip:c;lr>']).answer).toEqual({
      status: 200,
      toTag: 'l1',
      headers: [
        ['Record-Route', '<sip:a;lr>, <sip:b;lr>'],
        ['Record-Route', '<sip:c;lr>'],
        contact,
        ['Expires', '600'],
        ['Allow-Events', 'presence, mood'],
      ],
    });
    expect(answer(';tag=l1', 600, { nextNonce: 'n' }).answer).toEqual({
      status: 200,
      toTag: 'l1',
      headers: [contact, ['Expires', '600'], ['Authentication-Info', 'nextnonce="n"']],
    });
  });

  it('is followed by a NOTIFY, the last one with the state where the time is 0', () => {
    answer('', 600).afterwards?.();
    answer('', 0).afterwards?.();
    expect(done).toEqual(['ask request', 'end timeout true']);
  });
});
