/** The room's parts, put together: over a memory store, with a wire that only notes what is sent. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Aor, Rule, Subscription, Watcher } from '#model';
import { makeNotifier, type Notifier } from '#notify';
import { makeLanes, silentLog } from '#runtime';
import { type Outcome, writeFlow } from '#sip';
import { type Bell, makeBell, makeMemoryStore, type Store } from '#store';
import { type Live, makeLive } from '../../../services/notify/live.ts';
import type { NotifierNeeds } from '../../../services/notify/notifier.ts';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';
import { aor, makeSubscription } from '../../support/stores.ts';

const [ALICE, BOB, CAROL] = [aor('alice'), aor('bob'), aor('carol')];
const known = { aor: ALICE, disabled: false, ha1: () => undefined, ofDevices: () => new Map() };
const WINFO = 'application/watcherinfo+xml';

let clock: FakeClock;
let store: Store;
let bell: Bell;
/** Heads of the NOTIFYs, and how each is answered. */
let sent: { readonly head: string; readonly answer: (outcome: Outcome) => void }[];
/** What the package about watchers was given to tell. */
let told: (readonly string[])[];
let rules: Rule[];
let ended: string[];
let lags: number[];
let outcomes: string[];
/** What is published: another text is another document. */
let published: string;

beforeEach(() => {
  clock = makeFakeClock();
  store = makeMemoryStore({ clock });
  bell = makeBell();
  [sent, told, rules, ended, lags, outcomes] = [[], [], [], [], [], []];
  published = 'one';
});

function make(given: Partial<NotifierNeeds> = {}): Notifier {
  const winfo = {
    ...{ feed: 'watchers', formats: [WINFO], paceMs: 0 },
    tell(_presentity: Aor, watchers: readonly Watcher[]) {
      const ids = watchers.map(({ id, status }) => `${id} ${status}`);
      told.push(ids);
      return { body: Buffer.from(ids.join()), memory: undefined, essence: ids.join() };
    },
  };
  const packages: Record<string, unknown> = { presence: { paceMs: 5_000 }, 'presence.winfo': winfo };
  const view = () => ({ body: Buffer.from(published), contentType: 'text/plain', fingerprint: published });
  return makeNotifier({
    subscriptions: store.subscriptions,
    waiting: store.waiting,
    access: { account: () => known, rules: () => rules },
    compositor: { view } as never,
    registry: { find: (event: string) => packages[event] } as never,
    endpoint: {
      contact: () => 'sip:192.0.2.1:5060',
      send({ head }: { head: string }, _flow: unknown, answer: (outcome: Outcome) => void) {
        sent.push({ head, answer });
        return { abandon: () => undefined };
      },
    } as never,
    ...{ bell, lanes: makeLanes(), clock, log: silentLog, byDefault: 'allow' },
    needsOf: (userAgent) => ({ notifyTimeouts: userAgent === 'patient' ? 3 : undefined }) as never,
    ...{ notifyTimeouts: 1, paceMs: undefined },
    onEnded: ({ id }) => void ended.push(id),
    onSent: (lagMs) => void lags.push(lagMs),
    onOutcome: ({ kind }) => void outcomes.push(kind),
    ...given,
  });
}

const flow = writeFlow({ transport: 'udp', via: 'udp:192.0.2.1:5060', address: '192.0.2.9', port: 5060 });
function row(id: string, given: Partial<Subscription> = {}): Subscription {
  const base = makeSubscription(id, { expiresAt: clock.now() + 3_600_000, ...given });
  return { ...base, dialog: { ...base.dialog, routeSet: [], flow, localTag: `${id}-tag` } };
}
async function begin(notifier: Notifier, id: string, given: Partial<Subscription> = {}): Promise<Live> {
  const subscription = row(id, given);
  await store.subscriptions.write({ kind: 'insert', subscription });
  const live = makeLive(subscription, 1);
  notifier.book.add(live);
  return live;
}
async function questions(): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of store.waiting.all()) ids.push(...page.map(({ id }) => id));
  return ids;
}
const own = { watcher: ALICE, event: 'presence.winfo', contentType: WINFO };
const OK: Outcome = { kind: 'response', response: { status: 200, headers: { get: () => undefined } } } as never;
const answerAll = async (outcome: Outcome = OK): Promise<void> => {
  for (const { answer } of sent.splice(0)) answer(outcome);
  await clock.settle();
};

describe('RFC 3857 §4.7.2: who stands in watcher information', () => {
  it('subscriptions to this presentity and package that have not ended, and no fetches', async () => {
    const notifier = make();
    await begin(notifier, 'bob');
    await begin(notifier, 'bob’s mood', { event: 'mood' });
    await begin(notifier, 'of carol', { presentity: CAROL });
    notifier.book.add(makeLive(row('a fetch'), 1, false));
    (await begin(notifier, 'over')).closed = true;
    const phone = await begin(notifier, 'own', own);
    notifier.desk.ask(phone, 'request');
    await clock.settle();
    expect(told).toEqual([['bob active']]);
  });

  it('nobody is told of watchers where nobody asked for it', async () => {
    const notifier = make();
    const rung: string[] = [];
    bell.listen((change) => void rung.push(`${change.kind} ${change.subject}`));
    const bob = await begin(notifier, 'bob');
    notifier.register.began(bob.subscription);
    await clock.settle();
    expect(rung).toEqual([]);
    await begin(notifier, 'own', own);
    notifier.register.began(bob.subscription);
    await clock.settle();
    expect(rung).toEqual([`state ${ALICE}`]);
  });
});

describe('RFC 3857 §4.7.1: a subscription that nobody answered goes on as a question', () => {
  it.each<[string, Partial<Subscription>, Partial<Live>, boolean]>([
    ['nothing else of this watcher stands', { watcher: CAROL }, {}, true],
    ['what else stands is in another package', { event: 'mood' }, {}, true],
    ['what else stands is at somebody else', { presentity: CAROL }, {}, true],
    ['what else there is has ended', {}, { closed: true }, true],
    ['what else there is is a fetch', {}, { isFetch: true }, true],
    ['another of its phones still asks', {}, {}, false],
  ])('where %s: %j', async (_why, other, state, isQuestion) => {
    const notifier = make();
    Object.assign(await begin(notifier, 'other', other), state);
    const gone = row('gone', { state: 'pending', permission: 'confirm' });
    const watcher: Watcher = { id: 'gone', aor: BOB, status: 'pending', event: 'subscribe', since: 0, expiresAt: 0 };
    await notifier.register.left(gone, watcher, 'timeout');
    expect(await questions()).toEqual(isQuestion ? ['gone'] : []);
  });
});

describe('RFC 6665 §4.2.2: what the room’s parts ask of each other', () => {
  it('how long a client may be silent: its profile, else the setting', async () => {
    const notifier = make({ notifyTimeouts: 2 });
    for (const [id, userAgent] of [
      ['two', 'any'],
      ['three', 'patient'],
    ] as const)
      notifier.desk.ask(await begin(notifier, id, { userAgent }), 'request');
    await clock.settle();
    const left: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await answerAll({ kind: 'timeout' });
      left.push(notifier.book.size);
    }
    expect([left, ended]).toEqual([
      [2, 1, 0],
      ['two', 'three'],
    ]);
    expect(outcomes).toEqual(Array(5).fill('timeout'));
    expect(lags).toHaveLength(5);
  });

  it.each([
    ['presence', undefined, 5_000],
    ['presence', 1_000, 1_000],
    ['not loaded', undefined, 0],
  ])('the pace of %s with the setting %s is %i ms', async (event, paceMs, expected) => {
    const live = await begin(make({ paceMs }), 's1', { event });
    for (published of ['two', 'three']) {
      bell.ring({ kind: 'state', subject: ALICE, event });
      await clock.settle();
      await answerAll();
    }
    expect(live.notBeforeAt - clock.now()).toBe(expected);
    expect(lags).toHaveLength(expected === 0 ? 2 : 1);
  });

  it('RFC 4745 §7.3: a rule that turns is looked at, at its time', async () => {
    rules = [
      { owner: ALICE, subject: BOB, event: 'presence', permission: 'block', fromAt: clock.now() + 10_000 },
    ] as never;
    const notifier = make();
    notifier.desk.ask(await begin(notifier, 's1'), 'request');
    await clock.settle();
    await answerAll();
    await clock.advance(9_000);
    expect(sent).toEqual([]);
    await clock.advance(2_000);
    expect(sent.map(({ head }) => /Subscription-State: (.*)/.exec(head)?.[1])).toEqual(['terminated;reason=rejected']);
    expect(ended).toEqual(['s1']);
  });

  it('RFC 3857 §4.7.1: a decision stands in the row, and whoever follows is told', async () => {
    const notifier = make();
    await begin(notifier, 'own', own);
    notifier.desk.ask(await begin(notifier, 's1', { state: 'pending', permission: 'confirm' }), 'review');
    await clock.settle();
    const decided = { state: 'active', permission: 'allow', cause: 'approved' };
    expect(await store.subscriptions.find('s1')).toMatchObject(decided);
    expect(told).toEqual([['s1 active']]);
  });

  it('figures and past watchers may be nobody’s business', async () => {
    const notifier = make({ onEnded: undefined, onSent: undefined, onOutcome: undefined } as never);
    notifier.desk.ask(await begin(notifier, 's1'), 'request');
    await clock.settle();
    await answerAll({ kind: 'timeout' });
    expect(notifier.book.size).toBe(0);
  });
});

describe('start and stop', () => {
  it('what was there is taken up: questions, subscriptions, their ends, and a first look', async () => {
    await store.subscriptions.write({ kind: 'insert', subscription: row('s1', { expiresAt: clock.now() + 5_000 }) });
    const waiting = { id: 'w1', presentity: ALICE, event: 'presence', watcher: BOB, userAgent: '' };
    const question = { ...waiting, askedAt: clock.now(), expiresAt: clock.now() + 1_000_000 };
    await store.waiting.write({ kind: 'keep', waiting: question });
    const notifier = make();
    expect(await notifier.restore()).toBe(1);
    await clock.advance(1);
    expect(sent).toHaveLength(1);
    // What a crash left beside the subscription that made it redundant.
    expect(await questions()).toEqual([]);
    await answerAll();
    await clock.advance(6_000);
    expect(ended).toEqual(['s1']);
  });

  it('whoever was told the same before the restart is not told again', async () => {
    for (const [id, told] of [
      ['same', 'one'],
      ['other', 'a:zero'],
    ] as const)
      await store.subscriptions.write({ kind: 'insert', subscription: row(id, { told }) });
    expect(await make().restore()).toBe(2);
    await clock.advance(1);
    expect(sent.map(({ head }) => head.includes('other-tag'))).toEqual([true]);
  });

  it('what watchers were told is written down; after the stop nothing is heard, sent or waited for', async () => {
    rules = [
      { owner: ALICE, subject: CAROL, event: 'presence', permission: 'block', fromAt: clock.now() + 90_000 },
    ] as never;
    const notifier = make();
    const live = await begin(notifier, 's1');
    notifier.expiry.watch(live.subscription);
    const quiet = await begin(notifier, 's2', { event: 'mood' });
    bell.ring({ kind: 'state', subject: ALICE, event: 'presence' });
    await clock.settle();
    await answerAll();
    await notifier.writeDown();
    expect((await store.subscriptions.find('s1'))?.told).toBe('one');
    // One NOTIFY waits for the pace.
    published = 'two';
    bell.ring({ kind: 'state', subject: ALICE, event: 'presence' });
    await clock.settle();
    expect(live.timer).toBeDefined();
    notifier.stop();
    expect([live.closed, quiet.closed, clock.armed]).toEqual([true, true, 0]);
    published = 'three';
    bell.ring({ kind: 'everything', subject: '' } as never);
    await clock.advance(7_200_000);
    expect([sent, ended]).toEqual([[], []]);
  });
});
