/** What of a subscription's decisions and end goes into its row and to its presentity, and how events become wishes. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Aor, Change } from '#model';
import { type Log, silentLog } from '#runtime';
import { StoreUnavailable } from '#store';
import type { Amend, RowChange } from '../../../services/notify/amend.ts';
import { makeFarewell } from '../../../services/notify/farewell.ts';
import { type Drawing, type Live, makeLive, strongerWish } from '../../../services/notify/live.ts';
import { makeNoteDecision } from '../../../services/notify/note-decision.ts';
import { makeOnChange } from '../../../services/notify/on-change.ts';
import { makeWatchBook } from '../../../services/notify/watch-book.ts';
import { aor, makeSubscription } from '../../support/stores.ts';

let done: unknown[];
let said: object[];
beforeEach(() => {
  [done, said] = [[], []];
});
const log: Log = { ...silentLog, warn: (fields) => void said.push(fields) };
const drawn = (given: Partial<Drawing>): Drawing =>
  ({ state: 'active', permission: 'allow', body: undefined, contentType: '', fingerprint: '', ...given }) as Drawing;

describe('RFC 3857 §4.7.1: what the presentity hears of a subscription’s end', () => {
  let question: Promise<void> | undefined;
  const farewell = makeFarewell({
    amend: { remove: () => void done.push('removed'), sweep: () => void done.push('swept') } as unknown as Amend,
    register: {
      left: (_subscription: unknown, { status }: { status: string }, why: string) => {
        done.push(`${status} ${why}`);
        return question;
      },
    } as never,
  });
  beforeEach(() => {
    question = undefined;
  });
  const watched = (isFetch = false): Live => makeLive(makeSubscription('s1'), 1, !isFetch);

  it.each([
    [{ state: 'terminated', permission: 'allow', reason: 'timeout' }, 'active timeout'],
    [{ state: 'terminated', permission: 'block', reason: 'rejected' }, 'active rejected'],
    [{ state: 'terminated', permission: 'block', reason: 'noresource' }, 'active noresource'],
    [{ state: 'terminated', permission: 'allow', reason: 'probation' }, 'active probation'],
    [{ state: 'terminated', permission: 'allow', reason: 'invariant' }, 'active noresource'],
    [{ state: 'terminated', permission: 'confirm', reason: 'timeout' }, 'pending timeout'],
    // Nobody is there any more: the last NOTIFY was none of an end.
    [{ state: 'active', permission: 'allow', reason: undefined }, 'active timeout'],
    [{ state: 'pending', permission: 'confirm', reason: 'rejected' }, 'pending timeout'],
  ] as const)('%j: %s, and the row goes', (last, told) => {
    farewell(watched(), drawn(last as Partial<Drawing>));
    expect(done).toEqual([told, 'swept']);
  });

  it('the row stands for the question until that has a row of its own, and goes then: a start would read it as one more', async () => {
    let kept: () => void = () => undefined;
    question = new Promise((resolve) => {
      kept = resolve;
    });
    farewell(watched(), drawn({ state: 'terminated', permission: 'confirm', reason: 'timeout' }));
    await Promise.resolve();
    expect(done).toEqual(['pending timeout']);
    kept();
    await question;
    await Promise.resolve();
    expect(done).toEqual(['pending timeout', 'removed']);
  });

  it.each([
    ['allow', 'timeout', false],
    ['confirm', 'timeout', true],
    ['confirm', 'rejected', false],
    ['block', 'rejected', false],
  ] as const)('a fetch under %s that ends by %s leaves a question: %s', (permission, reason, isTold) => {
    farewell(watched(true), drawn({ state: 'terminated', permission, reason }));
    expect(done).toEqual(isTold ? ['pending timeout', 'swept'] : ['swept']);
  });
});

describe('the decision in the row', () => {
  let outcome: Promise<unknown>;
  beforeEach(() => {
    outcome = Promise.resolve('written');
  });
  const note = makeNoteDecision({
    amend: {
      update(live: Live, change: RowChange) {
        done.push(change(live.subscription));
        return outcome;
      },
    } as unknown as Amend,
    register: { turned: ({ id }: { id: string }) => void done.push(`turned ${id}`) } as never,
    log,
  });
  const asking = (): Live => makeLive(makeSubscription('s1', { state: 'pending', permission: 'confirm' }), 1);

  it('RFC 3857 §4.7.1: from pending to active by approved, and back as a subscription that nobody decided', () => {
    const live = asking();
    note(live, drawn({}));
    const approved = { state: 'active', permission: 'allow', cause: 'approved' };
    expect([done, live.noted]).toEqual([['turned s1', approved], approved]);
    note(live, drawn({}));
    expect(done).toHaveLength(2);
    note(live, drawn({ state: 'pending', permission: 'confirm' }));
    expect(live.noted).toEqual({ state: 'pending', permission: 'confirm', cause: 'subscribe' });
    expect(done).toHaveLength(4);
  });

  it('another permission in the same state is written, and nobody is told', () => {
    for (const cause of ['approved', 'subscribe'] as const) {
      done = [];
      note(makeLive(makeSubscription('s1', { cause }), 1), drawn({ permission: 'polite-block' }));
      expect(done).toEqual([{ state: 'active', permission: 'polite-block', cause }]);
    }
  });

  it.each<[string, Partial<Live>, Partial<Drawing>]>([
    ['it is over', {}, { state: 'terminated' }],
    ['it ends', { ending: { reason: 'timeout', withState: false } }, {}],
    ['it has no row', { stored: false }, {}],
  ])('is not written where %s', (_, of, drawing) => {
    note(Object.assign(asking(), of), drawn(drawing));
    expect(done).toEqual([]);
  });

  it('that could not be written is noted again by the next drawing, unless another was noted since', async () => {
    const live = asking();
    const before = live.noted;
    outcome = Promise.reject(new StoreUnavailable('away'));
    note(live, drawn({}));
    await outcome.catch(() => undefined);
    await Promise.resolve();
    expect(live.noted).toEqual(before);
    expect(said).toEqual([{ id: 's1', fault: 'StoreUnavailable: away' }]);

    note(live, drawn({}));
    outcome = Promise.resolve('written');
    note(live, drawn({ permission: 'polite-block' }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(live.noted.permission).toBe('polite-block');
  });
});

describe('who is looked at again', () => {
  const book = makeWatchBook();
  const [alice, bob, carol] = [aor('alice'), aor('bob'), aor('carol')];
  const on = (id: string, presentity: Aor, watcher: Aor, event: string): void =>
    book.add(makeLive(makeSubscription(id, { presentity, watcher, event }), 1));
  on('bob of alice', alice, bob, 'presence');
  on('bob’s mood of alice', alice, bob, 'mood');
  on('alice’s own', alice, alice, 'presence.winfo');
  on('alice of carol', carol, alice, 'presence');
  on('carol of bob', bob, carol, 'presence');
  const onChange = makeOnChange({
    book,
    desk: { ask: ({ subscription }: Live, wish: string) => void done.push(`${wish}: ${subscription.id}`) } as never,
  });

  it.each<[Change, readonly string[]]>([
    [{ kind: 'state', subject: alice, event: 'presence' }, ['state: bob of alice']],
    [{ kind: 'state', subject: alice, event: 'mood' }, ['state: bob’s mood of alice']],
    [{ kind: 'state', subject: alice, event: 'presence.winfo' }, ['state: alice’s own']],
    [{ kind: 'state', subject: bob, event: 'presence.winfo' }, []],
    [{ kind: 'rules', subject: alice }, ['review: bob of alice', 'review: bob’s mood of alice', 'review: alice’s own']],
    [
      { kind: 'account', subject: bob },
      ['review: carol of bob', 'review: bob of alice', 'review: bob’s mood of alice'],
    ],
    [
      { kind: 'reload', subject: '', event: 'presence' },
      [...book.all()].map(({ subscription }) => `review: ${subscription.id}`),
    ],
    [{ kind: 'packages' } as Change, [...book.all()].map(({ subscription }) => `review: ${subscription.id}`)],
    [{ kind: 'everything' } as Change, [...book.all()].map(({ subscription }) => `review: ${subscription.id}`)],
    [{ kind: 'sightings', subject: alice } as Change, []],
  ])('%j', (change, expected) => {
    onChange(change);
    expect(done).toEqual(expected);
  });
});

describe('everything may have changed', () => {
  const setUp = () => {
    const book = makeWatchBook();
    for (let n = 0; n < 60; n += 1) book.add(makeLive(makeSubscription(`s${n}`), 1));
    const turns: (() => void)[] = [];
    const asked: string[] = [];
    const onChange = makeOnChange({
      book,
      desk: { ask: ({ subscription }: Live) => void asked.push(subscription.id) } as never,
      soon: (work) => void turns.push(work),
    });
    const turn = (): void => turns.splice(0).forEach((work) => void work());
    return { book, turns, asked, turn, everything: () => onChange({ kind: 'everything' } as Change) };
  };

  it('all are looked at, some at a time', () => {
    const { book, turns, asked, turn, everything } = setUp();
    everything();
    expect(asked).toHaveLength(24);
    for (let count = 0; count < 3; count += 1) turn();
    expect([...asked].sort()).toEqual([...book.all()].map(({ subscription }) => subscription.id).sort());
    expect(turns).toEqual([]);
  });

  it('at once, all who are about to be told something or have something on the wire', () => {
    const { book, asked, everything } = setUp();
    const lives = [...book.all()];
    (lives[40] as Live).drawing = true;
    (lives[50] as Live).inFlight = {} as never;
    everything();
    expect(asked.slice(0, 2)).toEqual([lives[40], lives[50]].map((live) => live?.subscription.id));
  });

  it('said again and again meanwhile, they are looked at once more, not each time', () => {
    const { turns, asked, turn, everything } = setUp();
    for (let count = 0; count < 20; count += 1) everything();
    for (let count = 0; count < 10; count += 1) turn();
    expect([asked.length, turns]).toEqual([120, []]);
    everything();
    for (let count = 0; count < 10; count += 1) turn();
    expect(asked).toHaveLength(180);
  });
});

describe('why a NOTIFY is wanted', () => {
  it('the stronger reason stays: request, then review, then state', () => {
    expect(strongerWish(undefined, 'state')).toBe('state');
    for (const [one, other, stronger] of [
      ['state', 'review', 'review'],
      ['state', 'request', 'request'],
      ['review', 'request', 'request'],
      ['state', 'state', 'state'],
    ] as const) {
      expect([strongerWish(one, other), strongerWish(other, one)]).toEqual([stronger, stronger]);
    }
  });
});
