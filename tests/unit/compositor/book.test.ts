import { describe, expect, it } from 'vitest';
import { makePublicationBook, readStateKey, stateKey } from '#compositor';
import { aor, makePublication, tag } from '../../support/stores.ts';

const ALICE = aor('alice');
const NOW = 1_790_000_000_000;
const ids = (publications: readonly { readonly id: string }[]): readonly string[] => publications.map(({ id }) => id);

describe('the publications there are', () => {
  it('RFC 3903 §4.1: an entity-tag names one in the scope of its presentity and package only', () => {
    const book = makePublicationBook();
    const publication = makePublication('p1', { etag: tag('e1') });
    book.keep(publication);
    expect(book.find(ALICE, 'presence', tag('e1'), NOW)).toBe(publication);
    expect(book.find(aor('bob'), 'presence', tag('e1'), NOW)).toBeUndefined();
    expect(book.find(ALICE, 'dialog', tag('e1'), NOW)).toBeUndefined();
    expect(book.find(ALICE, 'presence', tag('e2'), NOW)).toBeUndefined();
  });

  it('RFC 3903 §6 step 3: what has expired is not found, from the very moment on', () => {
    const book = makePublicationBook();
    book.keep(makePublication('p1', { etag: tag('e1'), expiresAt: NOW + 10 }));
    book.keep(makePublication('p2', { expiresAt: NOW + 20 }));
    expect(book.find(ALICE, 'presence', tag('e1'), NOW + 9)).toBeDefined();
    expect(ids(book.of(ALICE, 'presence', NOW + 9))).toEqual(['p1', 'p2']);
    expect(book.find(ALICE, 'presence', tag('e1'), NOW + 10)).toBeUndefined();
    expect(ids(book.of(ALICE, 'presence', NOW + 10))).toEqual(['p2']);
    // Whoever ends it still finds it.
    expect(book.byId('p1')).toBeDefined();
  });

  it('the last modified is last, and of the same moment the order is always the same', () => {
    const book = makePublicationBook();
    for (const [id, modifiedAt] of [
      ['d', 2],
      ['b', 3],
      ['c', 2],
      ['a', 1],
    ] as const)
      book.keep(makePublication(id, { modifiedAt }));
    expect(ids(book.of(ALICE, 'presence', NOW))).toEqual(['a', 'c', 'd', 'b']);
  });

  it('kept again it takes the place of what it was: the old entity-tag names nothing', () => {
    const book = makePublicationBook();
    const before = makePublication('p1', { etag: tag('e1'), modifiedAt: 1 });
    book.keep(before);
    book.keep(makePublication('p2', { modifiedAt: 2 }));
    book.keep({ ...before, etag: tag('e3'), modifiedAt: 3 });
    expect(book.find(ALICE, 'presence', tag('e1'), NOW)).toBeUndefined();
    expect(book.find(ALICE, 'presence', tag('e3'), NOW)?.id).toBe('p1');
    expect(ids(book.of(ALICE, 'presence', NOW))).toEqual(['p2', 'p1']);
    expect(book.size).toBe(2);
  });

  it('dropped it is gone, and the others stay', () => {
    const book = makePublicationBook();
    const [one, other] = [makePublication('p1', { modifiedAt: 1 }), makePublication('p2', { modifiedAt: 2 })];
    book.keep(one);
    book.keep(other);
    book.drop(one);
    expect(ids(book.of(ALICE, 'presence', NOW))).toEqual(['p2']);
    expect(book.byId('p1')).toBeUndefined();
    book.drop(other);
    expect(book.of(ALICE, 'presence', NOW)).toEqual([]);
    expect(book.size).toBe(0);
  });

  it('what was handed out does not change under its reader', () => {
    const book = makePublicationBook();
    book.keep(makePublication('p1'));
    const seen = book.of(ALICE, 'presence', NOW);
    book.keep(makePublication('p2'));
    expect(ids(seen)).toEqual(['p1']);
  });

  it("a presentity's publications of every package, expired ones too, and everybody who has any", () => {
    const book = makePublicationBook();
    book.keep(makePublication('p1'));
    const dialog = makePublication('p2', { event: 'dialog', expiresAt: 1 });
    book.keep(dialog);
    book.keep(makePublication('p3', { presentity: aor('bob') }));
    expect([...ids(book.ofPresentity(ALICE))].sort()).toEqual(['p1', 'p2']);
    expect(new Set([...book.all()].map(({ presentity }) => presentity))).toEqual(new Set([ALICE, aor('bob')]));
    book.drop(dialog);
    expect(ids(book.ofPresentity(ALICE))).toEqual(['p1']);
  });

  it('the key of a state is read back as it was written', () => {
    expect(readStateKey(stateKey(ALICE, 'presence.winfo'))).toEqual({ presentity: ALICE, event: 'presence.winfo' });
  });
});
