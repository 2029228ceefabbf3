import { beforeEach, describe, expect, it } from 'vitest';
import type { AccountState } from '#gate';
import type { Aor, Permission, Rule, Subject } from '#model';
import { type Log, silentLog } from '#runtime';
import { makeDraw } from '../../../services/notify/draw.ts';
import { type Drawing, type Live, makeLive, type Wish } from '../../../services/notify/live.ts';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { aor, makeSubscription } from '../../support/stores.ts';

const ALICE = aor('alice');
const BOB = aor('bob');
const known: AccountState = { aor: ALICE, disabled: false };

let accounts: Map<Aor, AccountState | undefined>;
let rules: Rule[];
let byDefault: Permission;
/** What is asked of compositor, register and timetable. */
let asked: unknown[];
let said: object[];
let view: { body: Uint8Array; contentType: string; fingerprint: string; memory?: object } | undefined;
let fault: Error | undefined;
let isLate: 'owner' | 'watcher' | 'rules' | undefined;
const clock = makeFakeClock();

const body = Buffer.from('a document');
const rule = (permission: Permission): Rule =>
  ({ owner: ALICE, subject: BOB as string as Subject, event: 'presence', permission }) as Rule;

beforeEach(() => {
  accounts = new Map([
    [ALICE, known],
    [BOB, known],
  ]);
  [rules, asked, said] = [[rule('allow')], [], []];
  byDefault = 'confirm';
  view = { body, contentType: 'text/plain', fingerprint: 'seen' };
  fault = undefined;
  isLate = undefined;
});

const show = (...what: unknown[]) => {
  asked.push(what);
  if (fault !== undefined) throw fault;
  return view as never;
};
const live = (given: Parameters<typeof makeSubscription>[1] = {}, more: Partial<Live> = {}): Live =>
  Object.assign(makeLive(makeSubscription('s1', given), 8), more);

function draw(one: Live, wish: Wish = 'state'): Drawing | Promise<Drawing> {
  const log: Log = { ...silentLog, error: (fields) => void said.push(fields) };
  const late = <T>(value: T, what: typeof isLate): T | Promise<T> => (isLate === what ? Promise.resolve(value) : value);
  return makeDraw({
    access: {
      account: (who) => late(accounts.get(who), who === ALICE ? 'owner' : 'watcher'),
      rules: () => late(rules, 'rules'),
    },
    compositor: {
      view: (...of: unknown[]) => show('view', ...of),
      neutral: (...of: unknown[]) => show('neutral', ...of),
    } as never,
    register: { view: (of: unknown) => show('watchers', of) } as never,
    timetable: { note: (...turns) => void asked.push(['turns', ...turns]) },
    needsOf: (userAgent) => ({ bodyWhilePending: userAgent === 'Boghe' }) as never,
    ...{ byDefault, clock, log },
  })(one, wish);
}

const bare = { body: undefined, contentType: '' };
const ending = { reason: 'timeout', withState: true } as const;

describe('RFC 3856 §6.6, §6.7: what a watcher is told', () => {
  it('what the rules allow, as the compositor makes it for that permission; turns of the rules are noted', () => {
    for (const permission of ['allow', 'polite-block'] as const) {
      asked = [];
      rules = [rule(permission)];
      const active = { state: 'active', permission, body, contentType: 'text/plain', fingerprint: 'seen' };
      expect(draw(live())).toEqual(active);
      expect(asked).toEqual([
        ['turns', ALICE, rules, clock.now()],
        ['view', ALICE, 'presence', permission, 'application/pidf+xml'],
      ]);
    }
  });

  it('whoever must be confirmed: pending, and nothing else', () => {
    rules = [];
    expect(draw(live())).toEqual({ state: 'pending', permission: 'confirm', ...bare, fingerprint: 'p:' });
    byDefault = 'allow';
    expect(draw(live())).toMatchObject({ state: 'active' });
  });

  it('a client that cannot do without a body gets one that tells nothing, and the same fingerprint', () => {
    rules = [];
    const pending = { state: 'pending', permission: 'confirm', fingerprint: 'p:' };
    expect(draw(live({ userAgent: 'Boghe' }))).toEqual({ ...pending, body, contentType: 'application/pidf+xml' });
    expect(asked.at(-1)).toEqual(['neutral', ALICE, 'presence', 'application/pidf+xml']);
    view = undefined;
    expect(draw(live({ userAgent: 'Boghe' }))).toEqual({ ...pending, ...bare });
    fault = new Error('oops');
    expect(draw(live({ userAgent: 'Boghe' }))).toEqual({ ...pending, ...bare });
    expect(said).toEqual([{ event: 'presence', presentity: ALICE, fault: 'Error: oops' }]);
  });

  it('whoever is blocked: it is over, rejected', () => {
    rules = [rule('block')];
    expect(draw(live())).toEqual({
      ...{ state: 'terminated', permission: 'block', reason: 'rejected', fingerprint: 't:' },
      ...bare,
    });
  });

  it.each([
    [ALICE, 'noresource'],
    [BOB, 'rejected'],
  ])('RFC 6665 §4.1.3: the account of %s is gone or disabled: %s', (who, reason) => {
    for (const account of [undefined, { ...known, disabled: true }]) {
      accounts.set(who, account);
      const nothing = { state: 'terminated', permission: 'block', reason, fingerprint: 't:', ...bare };
      expect(draw(live())).toEqual(nothing);
    }
  });

  it.each(['owner', 'watcher', 'rules'] as const)('%s not at hand: waited for', async (which) => {
    isLate = which;
    const drawing = draw(live());
    expect(drawing).toBeInstanceOf(Promise);
    expect(await drawing).toMatchObject({ state: 'active', body });
  });
});

describe('RFC 6665 §4.2.1.4, §4.4.3: the last NOTIFY', () => {
  it('has the state after an unsubscribe or a fetch, and none after an expiry', () => {
    const last = { state: 'terminated', permission: 'allow', reason: 'timeout' };
    expect(draw(live({}, { ending }))).toEqual({ ...last, body, contentType: 'text/plain', fingerprint: 't:seen' });
    const expired = live({}, { ending: { ...ending, withState: false } });
    expect(draw(expired)).toEqual({ ...last, ...bare, fingerprint: 't:' });
  });

  it('says why it is the last', () => {
    for (const withState of [true, false]) {
      expect(draw(live({}, { ending: { reason: 'deactivated', withState } }))).toMatchObject({ reason: 'deactivated' });
    }
  });

  it('tells nothing to whoever must be confirmed', () => {
    rules = [];
    const last = { state: 'terminated', permission: 'confirm', reason: 'timeout', fingerprint: 't:' };
    expect(draw(live({ userAgent: 'Boghe' }, { ending }))).toEqual({ ...last, ...bare });
  });
});

describe('a package that is not there, or fails', () => {
  it('RFC 6665 §4.1.3: not there: probation, and not all come back at the same moment', () => {
    view = undefined;
    const drawings = Array.from({ length: 50 }, (_, n) => draw({ ...live(), subscription: makeSubscription(`s${n}`) }));
    for (const drawing of drawings) {
      expect(drawing).toMatchObject({ state: 'terminated', permission: 'allow', reason: 'probation', ...bare });
      const { retryAfter = 0 } = drawing as Drawing;
      expect([retryAfter >= 300, retryAfter < 600]).toEqual([true, true]);
    }
    expect(new Set(drawings.map((one) => (one as Drawing).retryAfter)).size).toBeGreaterThan(40);
    expect(draw(live())).toEqual(draw(live()));
    expect(draw(live({ id: 'abc' }))).not.toEqual(draw(live({ id: 'cba' })));
  });

  it('fails: it costs the document, not the subscription, and is said', () => {
    fault = new Error('oops');
    expect(draw(live())).toEqual({ state: 'active', permission: 'allow', ...bare, fingerprint: 'a:' });
    expect(said).toEqual([{ event: 'presence', presentity: ALICE, fault: 'Error: oops' }]);
  });
});

describe('RFC 3857 §4.7.2: documents about watchers', () => {
  const event = 'presence.winfo';
  const own = { presentity: ALICE, watcher: ALICE, event, contentType: 'application/watcherinfo+xml' };
  beforeEach(() => {
    rules = [{ ...rule('allow'), subject: ALICE as string as Subject, event } as Rule];
    byDefault = 'allow';
  });

  it.each([
    ['request', false, true],
    ['state', false, false],
    ['review', false, false],
    ['state', true, true],
  ] as const)('for a %s, with one missed before: %s, whole: %s', (wish, missed, whole) => {
    const memory = { by: {}, left: 1 } as never;
    view = { body, contentType: 'w', fingerprint: 'seen', memory: { left: 2 } };
    const drawing = draw(live(own, { missed, memory }), wish);
    expect(drawing).toMatchObject({
      state: 'active',
      body,
      contentType: 'w',
      memory: { left: 2 },
      fingerprint: 'seen',
    });
    const { presentity, contentType } = own;
    expect(asked.at(-1)).toEqual(['watchers', { presentity, event, contentType, memory, whole, from: 7 }]);
  });

  it('not there any more: probation', () => {
    view = undefined;
    expect(draw(live(own))).toMatchObject({ state: 'terminated', reason: 'probation' });
  });
});
