import { describe, expect, it } from 'vitest';
import { type Live, makeLive } from '../../../services/notify/live.ts';
import { makeWatchBook, type WatchBook } from '../../../services/notify/watch-book.ts';
import { aor, makeSubscription } from '../../support/stores.ts';

const [ALICE, BOB, CAROL] = [aor('alice'), aor('bob'), aor('carol')];
const live = (id: string, given: Parameters<typeof makeSubscription>[1] = {}): Live =>
  makeLive(makeSubscription(id, given), 1);
const idsOf = (found: Iterable<Live>): readonly string[] => [...found].map(({ subscription }) => subscription.id);

/** Everything that can be looked up about bob's subscription to alice, and alice's to her watchers. */
const seen = (book: WatchBook) => ({
  all: idsOf(book.all()),
  size: book.size,
  ofAlice: idsOf(book.watching(ALICE)),
  byBob: [idsOf(book.by(BOB)), book.countBy(BOB)],
  followers: [idsOf(book.followers(ALICE, 'presence.winfo')), book.countFollowers(ALICE, 'presence.winfo')],
});

describe('the book of subscriptions', () => {
  const bob = live('s1');
  const own = live('s2', { watcher: ALICE, event: 'presence.winfo' });
  const dialog = bob.subscription.dialog;

  it('finds them by id, dialog, presentity and watcher; those about watchers apart', () => {
    const book = makeWatchBook();
    book.add(bob);
    book.add(own);
    expect([book.byId('s1'), book.byId('s2'), book.byId('s3')]).toEqual([bob, own, undefined]);
    expect(book.inDialog(dialog)).toBe(bob);
    for (const other of ['callId', 'localTag', 'remoteTag'] as const) {
      expect(book.inDialog({ ...dialog, [other]: `${dialog[other]}x` })).toBeUndefined();
    }
    expect(seen(book)).toEqual({
      all: ['s1', 's2'],
      size: 2,
      ofAlice: ['s1', 's2'],
      byBob: [['s1'], 1],
      followers: [['s2'], 1],
    });
    expect(idsOf(book.watching(CAROL))).toEqual([]);
    expect(book.countFollowers(ALICE, 'presence')).toBe(0);
    expect(book.countFollowers(CAROL, 'presence.winfo')).toBe(0);
  });

  it('tags and Call-ID are three, wherever one ends and the next begins', () => {
    const book = makeWatchBook();
    book.add(live('s1', { dialog: { ...dialog, localTag: 'a', remoteTag: 'bc', callId: 'd' } }));
    expect(book.inDialog({ localTag: 'ab', remoteTag: 'c', callId: 'd' })).toBeUndefined();
    expect(book.inDialog({ localTag: 'a', remoteTag: 'b', callId: 'cd' })).toBeUndefined();
  });

  it('one that has ended is found by no request, and by reviews until its last NOTIFY is answered', () => {
    const book = makeWatchBook();
    for (const one of [bob, own]) book.add(one);
    for (const one of [bob, own]) book.retire(one);
    expect([book.byId('s1'), book.inDialog(dialog), book.size]).toEqual([undefined, undefined, 0]);
    expect([idsOf(book.all()), idsOf(book.watching(ALICE)), idsOf(book.by(BOB))]).toEqual([
      ['s1', 's2'],
      ['s1', 's2'],
      ['s1'],
    ]);
    for (const one of [bob, own]) book.remove(one);
    expect(seen(book)).toEqual({ all: [], size: 0, ofAlice: [], byBob: [[], 0], followers: [[], 0] });
  });

  it('one that is removed again takes nothing with it that came after', () => {
    const book = makeWatchBook();
    book.add(bob);
    book.remove(bob);
    const anew = live('s1');
    book.add(anew);
    book.remove(bob);
    expect([book.byId('s1'), book.inDialog(dialog), idsOf(book.by(BOB))]).toEqual([anew, anew, ['s1']]);
  });
});
