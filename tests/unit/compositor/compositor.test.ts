import { beforeEach, describe, expect, it } from 'vitest';
import { type Compositor, makeCompositor, makePublicationBook, type PublicationBook } from '#compositor';
import type { Publication } from '#model';
import { type EventPackage, type HostedPackage, hostPackage, PackageFault } from '#packages';
import { silentLog } from '#runtime';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';
import { aor, makePublication } from '../../support/stores.ts';

const ALICE = aor('alice');
const BOB = aor('bob');
const TYPE = 'text/plain';

let clock: FakeClock;
let book: PublicationBook;
let compositor: Compositor;
let served: HostedPackage | undefined;
let readings: number;
let composings: number;
/** Whose state changed by itself. */
let turned: string[];

/** Says what is published, one behind the other; a body like `away@1000` is seen from that epoch ms on only. */
const note: EventPackage<string, string> = {
  name: 'presence',
  implements: [],
  duration: { default: 3600, min: 60, max: 7200 } as never,
  pace: 5,
  formats: [
    { type: TYPE, write: (state) => Buffer.from(state) },
    { type: 'text/loud', write: (state) => Buffer.from(state.toUpperCase()) },
  ],
  publishes: [TYPE],
  readPublication(contentType, body) {
    readings += 1;
    if (contentType !== TYPE) return { kind: 'unsupported' };
    return { kind: 'document', document: Buffer.from(body).toString('utf8') };
  },
  compose(_presentity, published, now) {
    composings += 1;
    const texts = published.map(({ document }) => document.split('@'));
    return texts.flatMap(([text = '', from = '0']) => (Number(from) <= now ? text : [])).join(' ');
  },
  conceal: (state, permission) => (permission === 'allow' ? state : 'nothing'),
  neutral: () => 'nothing',
  nextChange(published, now) {
    const moments = published.map(({ document }) => Number(document.split('@')[1] ?? 0)).filter((at) => at > now);
    return moments.length === 0 ? undefined : Math.min(...moments);
  },
};

function open(capacity?: number, eventPackage: EventPackage<never, never> = note as never): void {
  served = hostPackage(eventPackage as never, { log: silentLog, clock, onQuarantine: () => undefined });
  const registry = { find: (event: string) => (event === 'presence' ? served : undefined) };
  const onTimedChange = (presentity: string, event: string): void => void turned.push(`${event} ${presentity}`);
  compositor = makeCompositor({
    book,
    registry: registry as never,
    clock,
    onTimedChange,
    ...(capacity === undefined ? {} : { capacity }),
  });
}

beforeEach(() => {
  clock = makeFakeClock();
  book = makePublicationBook();
  readings = 0;
  composings = 0;
  turned = [];
  open();
});

function publish(id: string, text: string, given: Partial<Publication> = {}): Publication {
  const publication = makePublication(id, {
    contentType: TYPE,
    body: Buffer.from(text),
    expiresAt: clock.now() + 3_600_000,
    ...given,
  });
  book.keep(publication);
  compositor.changed(publication.presentity, publication.event);
  return publication;
}

const see = (presentity = ALICE, permission: 'allow' | 'polite-block' = 'allow', type = TYPE): string | undefined => {
  const view = compositor.view(presentity, 'presence', permission, type);
  return view && Buffer.from(view.body).toString('utf8');
};

describe('one body per change and kind of watcher', () => {
  it('is composed once and shared by all who see the same', () => {
    publish('p1', 'here');
    const first = compositor.view(ALICE, 'presence', 'allow', TYPE);
    expect(see()).toBe('here');
    expect(compositor.view(ALICE, 'presence', 'allow', TYPE)).toBe(first);
    expect(composings).toBe(1);
  });

  it('each permission and each type has its own', () => {
    publish('p1', 'here');
    expect([see(), see(ALICE, 'polite-block'), see(ALICE, 'allow', 'text/loud')]).toEqual(['here', 'nothing', 'HERE']);
    expect([see(), see(ALICE, 'polite-block')]).toEqual(['here', 'nothing']);
  });

  it('is no longer true after a change', () => {
    publish('p1', 'here', { modifiedAt: 1 });
    see();
    publish('p2', 'there', { modifiedAt: 2 });
    expect(see()).toBe('here there');
  });

  it("a change of one presentity leaves the others' bodies as they are", () => {
    publish('p1', 'here');
    publish('p2', 'there', { presentity: BOB });
    see(BOB);
    publish('p1', 'back');
    const before = composings;
    expect(see(BOB)).toBe('there');
    expect(composings).toBe(before);
  });

  it('the least recently seen gives way where more are seen than are kept', () => {
    open(2);
    for (const user of ['a', 'b', 'c']) publish(user, user, { presentity: aor(user) });
    see(aor('a'));
    see(aor('b'));
    see(aor('a'));
    see(aor('c'));
    composings = 0;
    expect([see(aor('a')), see(aor('c'))]).toEqual(['a', 'c']);
    expect(composings).toBe(0);
    expect(see(aor('b'))).toBe('b');
    expect(composings).toBe(1);
  });

  it('without a package, or in a type that it does not write, there is none', () => {
    expect(see(ALICE, 'allow', 'text/html')).toBeUndefined();
    expect(compositor.view(ALICE, 'dialog', 'allow', TYPE)).toBeUndefined();
    served = undefined;
    expect(see()).toBeUndefined();
  });

  it('what a package fails at is its fault, and is not kept as a body', () => {
    let fails = true;
    const compose: EventPackage<string, string>['compose'] = (...asked) => {
      if (fails) throw new Error('a defect');
      return note.compose(...asked);
    };
    open(undefined, { ...note, compose } as never);
    publish('p1', 'here');
    expect(() => see()).toThrow(PackageFault);
    fails = false;
    expect(see()).toBe('here');
  });
});

describe('documents', () => {
  it('one that was just read is not read again', () => {
    const publication = publish('p1', 'as sent');
    compositor.remember(publication, 'as read');
    expect(see()).toBe('as read');
    expect(readings).toBe(0);
  });

  it('of several publications each is read once, however much else is read meanwhile', () => {
    publish('p1', 'here', { modifiedAt: 1 });
    publish('p2', 'there', { modifiedAt: 2 });
    see();
    for (let index = 0; index < 5_000; index += 1) {
      compositor.remember(publish(`o${index}`, 'elsewhere', { presentity: aor(`other${index}`) }), 'elsewhere');
    }
    readings = 0;
    publish('p1', 'back', { modifiedAt: 3 });
    expect(see()).toBe('there back');
    expect(readings).toBe(1);
  });

  it('that stands alone is read once for all who see it', () => {
    const everybody = (): void => void [see(), see(ALICE, 'polite-block'), see(ALICE, 'allow', 'text/loud')];
    publish('p1', 'here');
    everybody();
    readings = 0;
    compositor.remember(publish('p1', 'back'), 'back');
    everybody();
    expect(readings).toBe(0);
  });

  it('that stood beside another, or was seen by all, is not kept for itself', () => {
    const second = publish('p2', 'second', { modifiedAt: 2 });
    publish('p1', 'first', { modifiedAt: 1 });
    expect(see()).toBe('first second');
    book.drop(second);
    for (let change = 1; change <= 3; change += 1) {
      readings = 0;
      compositor.changed(ALICE, 'presence');
      expect(see()).toBe('first');
      expect(readings).toBe(change === 1 ? 0 : 1);
    }
  });

  it('of another body of the same publication is not taken for it', () => {
    const before = publish('p1', 'before');
    compositor.remember(before, 'before');
    publish('p1', 'after');
    expect(see()).toBe('after');
  });

  it('that the package no longer reads is left out, not a fault', () => {
    publish('p1', 'here');
    publish('p2', 'old', { contentType: 'text/old' });
    expect(see()).toBe('here');
  });

  it('when packages changed, nothing read or composed before is true any more', () => {
    const publication = publish('p1', 'as sent');
    see();
    compositor.remember(publication, 'as read');
    compositor.forgetAll();
    expect(see()).toBe('as sent');
    for (const [id, text] of [
      ['p2', 'second'],
      ['p3', 'third'],
    ] as const)
      compositor.remember(publish(id, text, { presentity: BOB }), 'as read');
    see(BOB);
    compositor.forgetAll();
    expect(see(BOB)).toBe('second third');
  });
});

describe("RFC 4480 §3.1: an element's time window", () => {
  it('opens: who watches is told at that moment, and sees it', async () => {
    publish('p1', `away@${clock.now() + 1_000}`);
    expect(see()).toBe('');
    await clock.advance(999);
    expect(turned).toEqual([]);
    await clock.advance(1);
    expect(turned).toEqual([`presence ${ALICE}`]);
    expect(see()).toBe('away');
  });

  it('one after the other, each at its moment', async () => {
    publish('p1', `one@${clock.now() + 1_000}`, { modifiedAt: 1 });
    publish('p2', `two@${clock.now() + 5_000}`, { modifiedAt: 2 });
    see();
    await clock.advance(1_000);
    expect(see()).toBe('one');
    await clock.advance(4_000);
    expect(turned).toHaveLength(2);
    expect(see()).toBe('one two');
  });

  it('that is not published any more turns nothing', async () => {
    const publication = publish('p1', `away@${clock.now() + 1_000}`);
    see();
    book.drop(publication);
    compositor.changed(ALICE, 'presence');
    see();
    await clock.advance(10_000);
    expect(turned).toEqual([]);
    expect(clock.armed).toBe(0);
  });

  it('after the close nothing turns', async () => {
    publish('p1', `away@${clock.now() + 1_000}`);
    see();
    compositor.close();
    await clock.advance(10_000);
    expect(turned).toEqual([]);
  });
});

describe('fingerprints', () => {
  it('are equal for equal bodies, whoever they are of, and only for them', () => {
    publish('p1', 'here');
    publish('p2', 'here', { presentity: BOB });
    const of = (presentity = ALICE, type = TYPE) => compositor.view(presentity, 'presence', 'allow', type)?.fingerprint;
    const before = of();
    expect(of(BOB)).toBe(before);
    expect(before).toHaveLength(16);
    publish('p1', '.');
    expect(of()).not.toBe(before);
    // The same bytes in another type are another body.
    expect(of(ALICE, 'text/loud')).not.toBe(of());
  });
});
