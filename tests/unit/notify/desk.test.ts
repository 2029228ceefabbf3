/** The desk by itself: what it is asked, what it then sends and when. Drawing, sending and writing are played. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type Log, silentLog } from '#runtime';
import type { Outcome } from '#sip';
import { StoreUnavailable } from '#store';
import { type Desk, type DeskNeeds, makeDesk } from '../../../services/notify/desk.ts';
import { type Drawing, type Live, lowBits, makeLive, type Wish } from '../../../services/notify/live.ts';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';
import { makeSubscription } from '../../support/stores.ts';

const PACE_MS = 5_000;

interface Sent {
  readonly drawing: Drawing;
  readonly at: number;
  readonly answer: (outcome: 'told' | 'silence' | 'gone' | 'refused' | 'unsent') => void;
  isAbandoned: boolean;
}

let clock: FakeClock;
let desk: Desk;
let live: Live;
let sent: Sent[];
/** Each drawing that was asked for, and why. */
let wishes: Wish[];
/** In order: what became of the subscription beside NOTIFYs. */
let done: string[];
let said: (readonly [string, object])[];
/** What is counted. */
let lags: number[];
let outcomes: string[];
/** What the next drawing is; a fault is thrown. */
let now: Drawing | Promise<Drawing> | Error;
let preparing: Promise<void> | undefined;
let beganAt: number;
/** What waits for what has arrived to be handed out. */
let soon: (() => void)[];

const drawn = (what: string, given: Partial<Drawing> = {}): Drawing => ({
  state: 'active',
  permission: 'allow',
  body: Buffer.from(what),
  contentType: 'text/plain',
  fingerprint: `a:${what}`,
  ...given,
});
const over = (given: Partial<Drawing> = {}): Drawing =>
  drawn('over', { state: 'terminated', reason: 'rejected', permission: 'block', fingerprint: 't:', ...given });
const OUTCOMES: Readonly<Record<Parameters<Sent['answer']>[0], Outcome>> = {
  told: { kind: 'response', response: { status: 200 } } as Outcome,
  gone: { kind: 'response', response: { status: 481 } } as Outcome,
  refused: { kind: 'response', response: { status: 500 } } as Outcome,
  silence: { kind: 'timeout' },
  unsent: { kind: 'unreachable', why: 'ENETUNREACH' },
};

beforeEach(() => {
  clock = makeFakeClock();
  beganAt = clock.now();
  [sent, wishes, done, said, lags, outcomes, soon] = [[], [], [], [], [], [], []];
  now = drawn('one');
  preparing = undefined;
  const note = (what: string) => (): void => void done.push(what);
  const says = (level: string) => (fields: object) => void said.push([level, fields]);
  const log: Log = { ...silentLog, info: says('info'), error: says('error'), warn: says('warn') };
  const needs = {
    book: { retire: note('retired'), remove: note('removed') },
    draw(_live: Live, wish: Wish) {
      wishes.push(wish);
      if (now instanceof Error) throw now;
      return now;
    },
    prepare: () => preparing,
    send(_live: Live, drawing: Drawing, onOutcome: (outcome: Outcome) => void) {
      const one: Sent = {
        drawing,
        at: clock.now() - beganAt,
        answer: (outcome) => onOutcome(OUTCOMES[outcome]),
        isAbandoned: false,
      };
      sent.push(one);
      return { abandon: () => void Object.assign(one, { isAbandoned: true }) };
    },
    farewell: (_live: Live, last: Drawing) => void done.push(`farewell ${last.state}`),
    noteDecision: (_live: Live, { permission }: Drawing) => void done.push(`noted ${permission}`),
    onEnded: note('ended'),
    onSent: (lagMs: number) => void lags.push(lagMs),
    onOutcome: ({ kind }: Outcome) => void outcomes.push(kind),
    patience: () => 2,
    paceMs: () => PACE_MS,
    soon: (work: () => void) => void soon.push(work),
    ...{ clock, log },
  };
  desk = makeDesk(needs as unknown as DeskNeeds);
  live = makeLive(makeSubscription('s1', { told: '' }), 1);
});

const texts = (): readonly string[] => sent.map(({ drawing }) => Buffer.from(drawing.body ?? '').toString());
const last = (): Sent => sent.at(-1) as Sent;
/** The watcher has been told `one`, and the pace is over. */
async function told(): Promise<void> {
  desk.ask(live, 'request');
  last().answer('told');
  await clock.advance(PACE_MS);
  [wishes, done] = [[], []];
}

describe('RFC 6665 §4.2.2, RFC 3856 §6.10: what is worth a NOTIFY, and when', () => {
  it('what the watcher asked for is sent, though it is what was sent last; what a change caused is not', async () => {
    await told();
    desk.ask(live, 'state');
    expect(texts()).toEqual(['one']);
    expect(done).toEqual(['noted allow']);
    desk.ask(live, 'request');
    expect(texts()).toEqual(['one', 'one']);
  });

  it('changes keep the pace, and the last state wins', async () => {
    await told();
    now = drawn('two');
    desk.ask(live, 'state');
    last().answer('told');
    for (const what of ['three', 'four']) {
      now = drawn(what);
      desk.ask(live, 'state');
      await clock.advance(1_000);
    }
    expect(texts()).toEqual(['one', 'two']);
    expect(wishes).toEqual(['state']);
    await clock.advance(PACE_MS);
    expect(texts()).toEqual(['one', 'two', 'four']);
    expect(sent.map(({ at }) => at)).toEqual([0, PACE_MS, 2 * PACE_MS]);
    expect(clock.armed).toBe(0);
  });

  it('a NOTIFY that was asked for begins no pace', () => {
    desk.ask(live, 'request');
    last().answer('told');
    now = drawn('two');
    desk.ask(live, 'state');
    expect(texts()).toEqual(['one', 'two']);
  });

  it('what was asked for takes what waits for the pace with it', async () => {
    await told();
    now = drawn('two');
    desk.ask(live, 'state');
    last().answer('told');
    now = drawn('three');
    desk.ask(live, 'state');
    await clock.advance(1_000);
    desk.ask(live, 'request');
    expect(texts()).toEqual(['one', 'two', 'three']);
    last().answer('told');
    await clock.advance(PACE_MS);
    expect(texts()).toHaveLength(3);
    expect(clock.armed).toBe(0);
  });

  it('a review is drawn at once; the same rule’s news keep the pace, another rule’s do not', async () => {
    await told();
    now = drawn('two');
    desk.ask(live, 'state');
    last().answer('told');
    now = drawn('three');
    desk.ask(live, 'review');
    expect(texts()).toEqual(['one', 'two']);
    now = drawn('less', { permission: 'polite-block' });
    desk.ask(live, 'review');
    expect(texts()).toEqual(['one', 'two', 'less']);
    last().answer('told');
    now = drawn('less and less', { permission: 'polite-block' });
    desk.ask(live, 'review');
    await clock.advance(PACE_MS - 1);
    expect(texts()).toHaveLength(3);
    await clock.advance(1);
    expect(texts().at(-1)).toBe('less and less');
  });

  it('a review that ends the subscription does not wait for the pace, though the permission is what it was', async () => {
    await told();
    now = drawn('two');
    desk.ask(live, 'state');
    last().answer('told');
    now = over({ permission: 'allow', reason: 'noresource' });
    desk.ask(live, 'review');
    expect(last().drawing.state).toBe('terminated');
  });

  it('a review after the pace is sent at once', async () => {
    await told();
    now = drawn('two');
    desk.ask(live, 'review');
    expect(texts()).toEqual(['one', 'two']);
    expect(wishes).toEqual(['review']);
  });
});

describe('one NOTIFY in flight', () => {
  it('what changes meanwhile is drawn once, when the answer is there, for the strongest reason', () => {
    desk.ask(live, 'request');
    now = drawn('two');
    for (const wish of ['state', 'request', 'state'] as const) desk.ask(live, wish);
    expect(wishes).toEqual(['request']);
    last().answer('told');
    expect(wishes).toEqual(['request', 'request']);
    expect(texts()).toEqual(['one', 'two']);
  });

  it('a review meanwhile that finds no less than is on the wire waits for the answer', () => {
    desk.ask(live, 'request');
    now = drawn('two');
    desk.ask(live, 'review');
    expect(wishes).toEqual(['request', 'review']);
    expect([texts(), sent[0]?.isAbandoned]).toEqual([['one'], false]);
    last().answer('told');
    expect(texts()).toEqual(['one', 'two']);
  });

  it.each([
    ['allow', 'polite-block', 'active', true],
    ['allow', 'confirm', 'pending', true],
    ['polite-block', 'confirm', 'pending', true],
    ['polite-block', 'block', 'terminated', true],
    ['confirm', 'block', 'terminated', true],
    ['polite-block', 'allow', 'active', false],
    ['confirm', 'confirm', 'pending', false],
    ['confirm', 'polite-block', 'active', false],
  ] as const)('from %s to %s (%s): taken off the wire: %s', (before, after, state, isTaken) => {
    now = drawn('before', { permission: before, state: before === 'confirm' ? 'pending' : 'active' });
    desk.ask(live, 'request');
    now = drawn('after', { permission: after, state });
    desk.ask(live, 'review');
    expect(sent[0]?.isAbandoned).toBe(isTaken);
    expect(texts()).toEqual(isTaken ? ['before', 'after'] : ['before']);
    // An answer to what was taken off the wire is none to what followed.
    if (isTaken) sent[0]?.answer('gone');
    expect(done).not.toContain('removed');
  });

  it('what was taken off the wire may have arrived or not: until what takes its place is sent it counts as missed', async () => {
    desk.ask(live, 'request');
    now = drawn('less', { permission: 'polite-block' });
    let go: () => void = () => undefined;
    preparing = new Promise((resolve) => {
      go = resolve;
    });
    desk.ask(live, 'review');
    expect([sent[0]?.isAbandoned, live.inFlight, live.missed]).toEqual([true, undefined, true]);
    preparing = undefined;
    go();
    await clock.settle();
    expect([texts(), live.missed]).toEqual([['one', 'less'], false]);
  });

  it('what takes its place is in flight in turn, and waits for nothing', () => {
    desk.ask(live, 'request');
    now = drawn('less', { permission: 'polite-block' });
    desk.ask(live, 'review');
    desk.ask(live, 'request');
    expect(texts()).toEqual(['one', 'less']);
    last().answer('told');
    expect(live.toldAt).toBe(lowBits(clock.now()));
    expect(texts()).toEqual(['one', 'less', 'less']);
  });
});

describe('while it is drawn', () => {
  const later = () => {
    let draw: (drawing: Drawing) => void = () => undefined;
    now = new Promise((resolve) => {
      draw = resolve;
    });
    return async (drawing: Drawing) => {
      draw(drawing);
      await clock.settle();
    };
  };

  it('what is asked for meanwhile is drawn afterwards', async () => {
    const come = later();
    desk.ask(live, 'request');
    desk.ask(live, 'request');
    expect(wishes).toEqual(['request']);
    now = drawn('two');
    await come(drawn('one'));
    expect(texts()).toEqual(['one']);
    last().answer('told');
    expect(texts()).toEqual(['one', 'two']);
  });

  it('a rule that may have changed meanwhile: nothing drawn before is sent, and the first reason still holds', async () => {
    await told();
    const come = later();
    desk.ask(live, 'request');
    desk.ask(live, 'review');
    now = drawn('one', { permission: 'polite-block' });
    await come(drawn('secret'));
    expect(texts()).toEqual(['one', 'one']);
    expect(last().drawing.permission).toBe('polite-block');
    expect(wishes).toEqual(['request', 'request']);
  });

  it('ended by a 481 meanwhile: nothing is sent any more', async () => {
    desk.ask(live, 'request');
    const come = later();
    desk.ask(live, 'review');
    sent[0]?.answer('gone');
    await come(drawn('two'));
    expect(texts()).toEqual(['one']);
    expect(done.filter((what) => what === 'removed')).toHaveLength(1);
  });
});

describe('what cannot be drawn or prepared', () => {
  it.each(['request', 'state'] as const)('while the database is away a %s is tried again each second', async (wish) => {
    now = new StoreUnavailable('away');
    desk.ask(live, wish);
    await clock.advance(2_500);
    expect(wishes).toEqual([wish, wish, wish]);
    now = drawn('one');
    await clock.advance(500);
    expect(texts()).toEqual(['one']);
    expect(said).toEqual([]);
    expect(clock.armed).toBe(0);
  });

  it('a fault is said, and tried again too; late ones as well', async () => {
    now = new TypeError('oops');
    desk.ask(live, 'request');
    let fail: (fault: Error) => void = () => undefined;
    now = new Promise((_resolve, reject) => {
      fail = reject;
    });
    await clock.advance(1_000);
    fail(new TypeError('late'));
    await clock.settle();
    now = drawn('one');
    await clock.advance(1_000);
    expect(said).toEqual([
      ['error', { fault: 'TypeError: oops' }],
      ['error', { fault: 'TypeError: late' }],
    ]);
    expect(texts()).toEqual(['one']);
  });

  it('a review that failed is still due: what is in flight is looked at again', async () => {
    desk.ask(live, 'request');
    now = new StoreUnavailable('away');
    desk.ask(live, 'review');
    now = drawn('less', { permission: 'polite-block' });
    await clock.advance(1_000);
    expect([sent[0]?.isAbandoned, texts()]).toEqual([true, ['one', 'less']]);
  });

  it('so it is where the watcher asked meanwhile, too', async () => {
    desk.ask(live, 'request');
    now = drawn('two');
    desk.ask(live, 'request');
    now = new StoreUnavailable('away');
    desk.ask(live, 'review');
    now = drawn('less', { permission: 'polite-block' });
    await clock.advance(1_000);
    expect([sent[0]?.isAbandoned, texts()]).toEqual([true, ['one', 'less']]);
  });

  it('a review that failed while nothing was in flight lets nothing old out', async () => {
    await told();
    now = drawn('two');
    desk.ask(live, 'state');
    last().answer('told');
    now = new StoreUnavailable('away');
    desk.ask(live, 'review');
    now = drawn('less', { permission: 'polite-block' });
    await clock.advance(1_000);
    expect(texts().at(-1)).toBe('less');
  });

  it('what was drawn before its row was ready is drawn anew', async () => {
    let ready: () => void = () => undefined;
    preparing = new Promise((resolve) => {
      ready = resolve;
    });
    desk.ask(live, 'request');
    desk.ask(live, 'state');
    expect(wishes).toEqual(['request']);
    now = drawn('two');
    preparing = undefined;
    ready();
    await clock.settle();
    expect(texts()).toEqual(['two']);
    expect(wishes).toEqual(['request', 'request']);
  });

  it('a row that cannot be written: again in a second', async () => {
    preparing = Promise.reject(new StoreUnavailable('away'));
    desk.ask(live, 'request');
    await clock.settle();
    preparing = undefined;
    await clock.advance(999);
    expect(texts()).toEqual([]);
    await clock.advance(1);
    expect(texts()).toEqual(['one']);
  });
});

describe('RFC 6665 §4.2.2: what an answer means', () => {
  it('told: since when is kept, and the decision was noted', () => {
    desk.ask(live, 'request');
    expect(done).toEqual(['noted allow']);
    expect(live.toldAt).toBe(0);
    last().answer('told');
    expect(done).toEqual(['noted allow']);
    expect(live.toldAt).toBe(lowBits(clock.now()));
    expect(live.missed).toBe(false);
  });

  it('nothing until Timer F: what is true by then at once, and when patience ends the subscription does', () => {
    desk.ask(live, 'request');
    last().answer('silence');
    expect([texts(), live.missed]).toEqual([['one', 'one'], false]);
    last().answer('told');
    desk.ask(live, 'request');
    last().answer('silence');
    expect(done).not.toContain('ended');
    last().answer('silence');
    expect(done.slice(-4)).toEqual(['retired', 'farewell active', 'ended', 'removed']);
    expect(said).toEqual([['info', { id: 's1', watcher: live.subscription.watcher }]]);
    desk.ask(live, 'request');
    expect(texts()).toHaveLength(4);
  });

  it('an error is an answer: silence is counted anew', () => {
    desk.ask(live, 'request');
    last().answer('silence');
    last().answer('refused');
    desk.ask(live, 'request');
    last().answer('silence');
    expect(done).not.toContain('ended');
    expect(texts()).toHaveLength(4);
  });

  it('481 and its like: it is over at once', () => {
    desk.ask(live, 'request');
    last().answer('gone');
    expect(done.slice(-4)).toEqual(['retired', 'farewell active', 'ended', 'removed']);
    now = drawn('two');
    desk.ask(live, 'request');
    desk.end(live, 'timeout', false);
    expect(texts()).toEqual(['one']);
    expect(done.filter((what) => what === 'retired')).toHaveLength(1);
  });

  it.each([
    ['refused', 'allow', false],
    ['unsent', 'allow', true],
    ['unsent', 'polite-block', false],
    ['unsent', 'confirm', false],
  ] as const)('%s under %s: the same is told at the next occasion: %s', async (outcome, permission, isTold) => {
    now = drawn('one', { permission });
    desk.ask(live, 'request');
    last().answer(outcome);
    expect(live.missed).toBe(true);
    expect(texts()).toEqual(['one']);
    await clock.advance(PACE_MS);
    desk.ask(live, 'state');
    expect(texts()).toEqual(isTold ? ['one', 'one'] : ['one']);
  });
});

describe('what is counted', () => {
  it('how long a watcher waited for what was due: not the pace, not its own slowness to answer', async () => {
    desk.ask(live, 'request');
    await clock.advance(10_000);
    now = drawn('two');
    desk.ask(live, 'state');
    await clock.advance(7_000);
    last().answer('told');
    expect(lags).toEqual([0, 0]);
    last().answer('told');
    now = drawn('three');
    desk.ask(live, 'state');
    await clock.advance(PACE_MS);
    expect(lags).toEqual([0, 0, 0]);
    last().answer('refused');
    await clock.advance(PACE_MS);
    now = new StoreUnavailable('away');
    desk.ask(live, 'request');
    await clock.advance(500);
    desk.ask(live, 'state');
    await clock.advance(1_000);
    now = over();
    await clock.advance(1_000);
    expect(lags).toEqual([0, 0, 0, 2_500]);
    expect(outcomes).toEqual(['response', 'response', 'response']);
  });

  it('an end is due when it is decided', async () => {
    await told();
    lags = [];
    await clock.advance(60_000);
    now = new StoreUnavailable('away');
    desk.end(live, 'timeout', false);
    now = over();
    await clock.advance(1_000);
    expect(lags).toEqual([1_000]);
  });
});

describe('a NOTIFY that never left', () => {
  it('leaves the pace as it is, also for a review that finds the same rule', async () => {
    await told();
    now = drawn('two');
    desk.ask(live, 'state');
    last().answer('unsent');
    desk.ask(live, 'review');
    await clock.advance(PACE_MS - 1);
    expect(texts()).toEqual(['one', 'two']);
    await clock.advance(1);
    expect(texts()).toEqual(['one', 'two', 'two']);
  });
});

describe('RFC 6665 §4.2.2: the last NOTIFY', () => {
  it('the end is drawn at once, pace or not, and nothing follows it', async () => {
    await told();
    now = drawn('two');
    desk.ask(live, 'state');
    last().answer('told');
    now = drawn('three');
    desk.ask(live, 'state');
    [wishes, done] = [[], []];
    now = over({ reason: 'timeout', permission: 'allow' });
    desk.end(live, 'timeout', true);
    desk.end(live, 'rejected', false);
    expect(live.ending).toEqual({ reason: 'timeout', withState: true });
    expect(wishes).toEqual(['request']);
    expect(texts()).toEqual(['one', 'two', 'over']);
    expect(done).toEqual(['retired', 'retired', 'farewell terminated', 'ended']);
    last().answer('silence');
    expect(done.at(-1)).toBe('removed');
    await clock.advance(60_000);
    desk.ask(live, 'request');
    expect(texts()).toHaveLength(3);
    expect(clock.armed).toBe(0);
  });

  it('why it ends does not change while it cannot be drawn', async () => {
    now = new StoreUnavailable('away');
    desk.end(live, 'timeout', true);
    desk.end(live, 'rejected', false);
    expect(live.ending).toEqual({ reason: 'timeout', withState: true });
    now = over({ reason: 'timeout', permission: 'allow' });
    await clock.advance(1_000);
    expect([texts(), done.filter((what) => what === 'ended')]).toEqual([['over'], ['ended']]);
  });

  it('it is sent though the watcher has been shown the same', async () => {
    now = over();
    live.shown = 't:';
    live.shownUnder = 'block';
    desk.end(live, 'timeout', false);
    expect(texts()).toEqual(['over']);
  });

  it('the end overtakes what is in flight', () => {
    desk.ask(live, 'request');
    now = over({ permission: 'allow' });
    desk.end(live, 'timeout', false);
    expect([sent[0]?.isAbandoned, texts()]).toEqual([true, ['one', 'over']]);
  });

  it('while it is in flight a review that allows less takes it off the wire, and it is over', () => {
    now = over({ permission: 'allow', reason: 'timeout' });
    desk.end(live, 'timeout', true);
    now = over({ permission: 'allow', reason: 'timeout' });
    desk.ask(live, 'review');
    expect(sent[0]?.isAbandoned).toBe(false);
    now = over();
    desk.ask(live, 'review');
    expect([sent[0]?.isAbandoned, texts()]).toEqual([true, ['over']]);
    expect(done.at(-1)).toBe('removed');
    sent[0]?.answer('told');
    expect(done.filter((what) => what === 'removed')).toHaveLength(1);
  });

  it('a review that cannot be drawn then is tried again while the last NOTIFY is in flight, and no longer', async () => {
    now = over({ permission: 'allow', reason: 'timeout' });
    desk.end(live, 'timeout', true);
    now = new StoreUnavailable('away');
    desk.ask(live, 'review');
    await clock.advance(1_000);
    expect(wishes).toHaveLength(3);
    last().answer('told');
    await clock.advance(10_000);
    expect(wishes.length).toBeLessThanOrEqual(4);
    expect(clock.armed).toBe(0);
  });
});

describe('much that is to be told at once', () => {
  const many = (): readonly Live[] => Array.from({ length: 100 }, (_, n) => makeLive(makeSubscription(`m${n}`), 1));
  const turn = (): void => {
    for (const work of soon.splice(0)) work();
  };

  it('goes some at a time, so that answers are read meanwhile: changes, reviews, and subscriptions that end', () => {
    const [changed, reviewed, ended] = [many(), many(), many()];
    for (const one of changed) desk.ask(one, 'state');
    for (const one of reviewed) desk.ask(one, 'review');
    for (const one of ended) desk.end(one, 'timeout', false);
    expect(sent).toHaveLength(24);
    turn();
    expect(sent).toHaveLength(48);
    for (let turns = 2; turns < 13; turns += 1) turn();
    expect(sent).toHaveLength(300);
    expect(soon.length).toBeLessThanOrEqual(1);
  });

  it('what the watcher asked for does not wait behind it (RFC 6665 §4.2.1.2), nor does what a rule takes off the wire', () => {
    desk.ask(live, 'request');
    for (const one of many()) desk.ask(one, 'state');
    const before = sent.length;
    desk.ask(makeLive(makeSubscription('s2', { told: '' }), 1), 'request');
    expect(sent).toHaveLength(before + 1);
    now = over();
    desk.ask(live, 'review');
    expect(sent[0]?.isAbandoned).toBe(true);
    expect(last().drawing.state).toBe('terminated');
  });

  it('what was done while it waited is not done again', () => {
    const waiting = many();
    for (const one of waiting) desk.ask(one, 'state');
    const [one] = waiting.slice(-1);
    if (one !== undefined) desk.ask(one, 'request');
    for (let turns = 0; turns < 5; turns += 1) turn();
    expect(sent).toHaveLength(100);
  });
});
