/** When subscriptions end, rules turn and restored subscriptions are looked at; and what a NOTIFY says of the time left. */
import { describe, expect, it } from 'vitest';
import type { Aor, Rule, Subscription } from '#model';
import { type Endpoint, type Flow, type Outcome, writeFlow } from '#sip';
import { makeSubscriptionExpiry } from '../../../services/notify/expire.ts';
import { type Drawing, type Live, makeLive } from '../../../services/notify/live.ts';
import { restoreSubscriptions } from '../../../services/notify/restore.ts';
import { makeSend } from '../../../services/notify/send.ts';
import { makeRuleTimetable } from '../../../services/notify/timetable.ts';
import { makeWatchBook } from '../../../services/notify/watch-book.ts';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { aor, makeSubscription } from '../../support/stores.ts';

describe('RFC 6665 §4.2.2: subscriptions that were not refreshed', () => {
  function expiring() {
    const clock = makeFakeClock();
    const book = makeWatchBook();
    const ended: string[] = [];
    const desk = {
      end: (live: Live, reason: string, withState: boolean) =>
        void ended.push(`${live.subscription.id} ${reason} ${withState}`),
    };
    const expiry = makeSubscriptionExpiry({ book, desk: desk as never, clock });
    const add = (id: string): Live => {
      const live = makeLive(makeSubscription(id, { expiresAt: clock.now() + 1_000 }), 1);
      book.add(live);
      expiry.watch(live.subscription);
      return live;
    };
    return { clock, book, expiry, ended, add };
  }

  it('end at their time, without a state, and not before', async () => {
    const { clock, ended, add } = expiring();
    add('s1');
    await clock.advance(999);
    expect(ended).toEqual([]);
    await clock.advance(1_000);
    expect(ended).toEqual(['s1 timeout false']);
  });

  it('a refresh that is committed while the time comes moves it', async () => {
    const { clock, ended, add } = expiring();
    const live = add('s1');
    live.subscription = { ...live.subscription, expiresAt: clock.now() + 5_000 };
    await clock.advance(4_000);
    expect(ended).toEqual([]);
    await clock.advance(2_000);
    expect(ended).toEqual(['s1 timeout false']);
  });

  it('those that have ended otherwise are passed over, and none ends after the close', async () => {
    const { clock, book, expiry, ended, add } = expiring();
    book.remove(add('s1'));
    await clock.advance(2_000);
    add('s2');
    expiry.close();
    await clock.advance(5_000);
    expect(ended).toEqual([]);
    expect(clock.armed).toBe(0);
  });
});

describe('RFC 4745 §7.3: rules with dates', () => {
  const ALICE = aor('alice');
  const BOB = aor('bob');
  const rule = (dates: Pick<Rule, 'fromAt' | 'untilAt'>): Rule =>
    ({ owner: ALICE, subject: BOB, event: 'presence', permission: 'allow', ...dates }) as unknown as Rule;
  function timetable() {
    const clock = makeFakeClock();
    const turned: Aor[] = [];
    const beganAt = clock.now();
    const table = makeRuleTimetable(clock, (owner) => void turned.push(owner));
    const note = (...dates: readonly Pick<Rule, 'fromAt' | 'untilAt'>[]) =>
      table.note(ALICE, dates.map(rule), clock.now());
    return { clock, turned, beganAt, table, note };
  }

  it('turn once at their time, however often they were noted', async () => {
    const { clock, turned, beganAt, note } = timetable();
    note({});
    expect(clock.armed).toBe(0);
    for (let n = 0; n < 3; n += 1) note({ fromAt: beganAt + 10_000 });
    await clock.advance(9_000);
    expect(turned).toEqual([]);
    await clock.advance(2_000);
    expect(turned).toEqual([ALICE]);
    note({ untilAt: beganAt + 20_000 });
    await clock.advance(20_000);
    expect(turned).toEqual([ALICE, ALICE]);
  });

  it('an earlier turn takes the place of a later one, a later one waits behind', async () => {
    const { clock, turned, beganAt, note } = timetable();
    note({ fromAt: beganAt + 10_000 });
    note({ fromAt: beganAt + 5_000 });
    note({ fromAt: beganAt + 30_000 });
    await clock.advance(6_000);
    expect(turned).toEqual([ALICE]);
  });

  it('nothing turns after the close', async () => {
    const { clock, turned, beganAt, note, table } = timetable();
    note({ fromAt: beganAt + 1_000 });
    table.close();
    await clock.advance(5_000);
    expect(turned).toEqual([]);
  });
});

describe('a start is no storm', () => {
  it('subscriptions are taken up at once, and looked at twenty at a time', async () => {
    const clock = makeFakeClock();
    const book = makeWatchBook();
    const watched: string[] = [];
    const asked: string[] = [];
    const rows = Array.from({ length: 45 }, (_, n) => makeSubscription(`s${n}`, { reservedCseq: n }));
    const count = await restoreSubscriptions({
      subscriptions: {
        async *all() {
          yield rows.slice(0, 30);
          yield rows.slice(30);
        },
      },
      book,
      desk: { ask: (live: Live, wish: string) => void asked.push(`${wish} ${live.subscription.id}`) } as never,
      expiry: { watch: ({ id }: Subscription) => void watched.push(id), close: () => undefined },
      clock,
    });
    expect([count, book.size, watched, asked]).toEqual([45, 45, rows.map(({ id }) => id), []]);
    // RFC 3261 §12.2.1.1: above all numbers that may have been used.
    expect([...book.all()].map(({ nextCseq }) => nextCseq).sort((one, other) => one - other)).toEqual(
      rows.map((_, n) => n + 1),
    );
    const looks: number[] = [];
    for (const ms of [0, 9, 1, 10, 1_000]) {
      await clock.advance(ms);
      looks.push(asked.length);
    }
    expect(looks).toEqual([20, 20, 40, 45, 45]);
    expect(new Set(asked)).toEqual(new Set(rows.map(({ id }) => `review ${id}`)));
    expect(clock.armed).toBe(0);
  });

  it('of nothing, nothing is looked at', async () => {
    const clock = makeFakeClock();
    const none = { async *all() {} };
    const needs = { subscriptions: none, book: makeWatchBook(), desk: {}, expiry: {}, clock };
    expect(await restoreSubscriptions(needs as never)).toBe(0);
    expect(clock.armed).toBe(0);
  });
});

describe('RFC 6665 §4.1.3, §4.2.2: the head of a NOTIFY', () => {
  const clock = makeFakeClock();
  const flow = writeFlow({ transport: 'udp', via: 'udp:192.0.2.1:5060', address: '192.0.2.9', port: 5060 });
  function sender() {
    const sent: { readonly method: string; readonly uri: string; readonly head: string; readonly body: unknown }[] = [];
    const endpoint = {
      contact: () => 'sip:192.0.2.1:5060',
      send(request: (typeof sent)[number], _flow: Flow) {
        sent.push(request);
        return { abandon: () => undefined };
      },
    };
    return { sent, send: makeSend({ endpoint: endpoint as unknown as Endpoint, clock }) };
  }
  const drawing = (given: Partial<Drawing> = {}): Drawing => ({
    ...{ state: 'active', permission: 'allow', body: undefined, contentType: 'text/plain', fingerprint: '' },
    ...given,
  });
  const nobody = (): void => undefined;

  it('a row whose flow cannot be read reaches nobody, as if nobody answered; abandoned it is not even that', async () => {
    const { sent, send } = sender();
    const live = makeLive(makeSubscription('s1', { dialog: { ...makeSubscription('s1').dialog, flow: 'damaged' } }), 4);
    const outcomes: Outcome[] = [];
    send(live, drawing(), (outcome) => void outcomes.push(outcome));
    expect(outcomes).toEqual([]);
    await clock.advance(1);
    expect(outcomes).toEqual([{ kind: 'timeout' }]);
    send(live, drawing(), (outcome) => void outcomes.push(outcome)).abandon();
    await clock.advance(1);
    expect(outcomes).toHaveLength(1);
    expect([sent, live.nextCseq]).toEqual([[], 6]);
  });

  it('RFC 3261 §12.2.1.1: it goes by the dialog as it is now', () => {
    const { sent, send } = sender();
    const dialog = { ...makeSubscription('s1').dialog, routeSet: [], flow };
    const live = makeLive(makeSubscription('s1', { dialog }), 1);
    send(live, drawing(), nobody);
    live.subscription = { ...live.subscription, dialog: { ...dialog, remoteTarget: 'sip:moved@192.0.2.9' } };
    send(live, drawing(), nobody);
    expect(sent.map(({ uri }) => uri)).toEqual([dialog.remoteTarget, 'sip:moved@192.0.2.9']);
  });

  it('each has a CSeq of its own, the Event as it was asked for, and the state with what belongs to it', () => {
    const { sent, send } = sender();
    const dialog = { ...makeSubscription('s1').dialog, routeSet: [], flow };
    const live = makeLive(makeSubscription('s1', { dialog, expiresAt: clock.now() + 1_500 }), 4);
    send(live, drawing(), nobody);
    live.subscription = { ...live.subscription, eventId: '7', expiresAt: clock.now() - 5_000 };
    send(live, drawing({ state: 'pending', body: Buffer.from('text') }), nobody);
    send(live, drawing({ state: 'terminated' }), nobody);
    send(live, drawing({ state: 'terminated', reason: 'rejected' }), nobody);
    send(live, drawing({ state: 'terminated', reason: 'probation', retryAfter: 300 }), nobody);
    const heads = sent.map(({ head }) =>
      head.split('\r\n').filter((line) => /^(CSeq|Event|Subscription|Content)/.test(line)),
    );
    expect(heads).toEqual([
      ['CSeq: 4 NOTIFY', 'Event: presence', 'Subscription-State: active;expires=2'],
      ['CSeq: 5 NOTIFY', 'Event: presence;id=7', 'Subscription-State: pending;expires=0', 'Content-Type: text/plain'],
      ['CSeq: 6 NOTIFY', 'Event: presence;id=7', 'Subscription-State: terminated'],
      ['CSeq: 7 NOTIFY', 'Event: presence;id=7', 'Subscription-State: terminated;reason=rejected'],
      ['CSeq: 8 NOTIFY', 'Event: presence;id=7', 'Subscription-State: terminated;reason=probation;retry-after=300'],
    ]);
    for (const { method, uri, head } of sent) {
      expect([method, uri, head.endsWith('\r\n')]).toEqual(['NOTIFY', dialog.remoteTarget, true]);
    }
    expect(sent[1]?.body).toEqual(Buffer.from('text'));
  });
});
