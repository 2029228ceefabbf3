import { beforeEach, describe, expect, it } from 'vitest';
import {
  makePublicationBook,
  makePublicationSweep,
  type PublicationBook,
  type PublicationSweep,
  restorePublications,
} from '#compositor';
import type { Publication } from '#model';
import { type Lanes, makeLanes, silentLog } from '#runtime';
import { makeMemoryStore, type Store } from '#store';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';
import { databaseAway, type Levers, makeLevers } from '../../support/levers.ts';
import { makePublication, newTag } from '../../support/stores.ts';

let clock: FakeClock;
let lanes: Lanes;
let levers: Levers;
let store: Store;
let book: PublicationBook;
let sweep: PublicationSweep;
let ended: string[];

function openSweep(): void {
  book = makePublicationBook();
  ended = [];
  sweep = makePublicationSweep({
    book,
    publications: levers.wrap(store).publications,
    lanes,
    clock,
    log: silentLog,
    onEnded: ({ id }) => void ended.push(id),
  });
}

beforeEach(() => {
  clock = makeFakeClock();
  lanes = makeLanes();
  levers = makeLevers();
  store = makeMemoryStore({ clock });
  openSweep();
});

/** Committed and watched, ending after so long. */
async function keep(id: string, leftMs: number): Promise<Publication> {
  const publication = makePublication(id, { expiresAt: clock.now() + leftMs });
  await store.publications.write({ kind: 'insert', publication });
  book.keep(publication);
  sweep.watch(publication);
  return publication;
}

/** As a PUBLISH does. */
async function refresh(publication: Publication, leftMs: number): Promise<Publication> {
  const next = { ...publication, etag: newTag(), expiresAt: clock.now() + leftMs };
  await store.publications.write({ kind: 'replace', expected: publication.etag, publication: next });
  book.keep(next);
  sweep.watch(next);
  return next;
}

/** Rows of what has ended by itself go so much later. */
const LITTER_MS = 2_000;
const row = (id: string): Promise<Publication | undefined> => store.publications.find(id);

describe('RFC 3903 §4: a publication that is not refreshed', () => {
  it('ends when its time comes: not seen any more, told of, its row removed', async () => {
    await keep('p1', 60_000);
    await clock.advance(59_999);
    expect([book.size, ended]).toEqual([1, []]);
    await clock.advance(1);
    expect([book.size, ended]).toEqual([0, ['p1']]);
    // Whoever watches is told first; the row means nothing any more.
    await clock.advance(LITTER_MS);
    expect(await row('p1')).toBeUndefined();
    expect(clock.armed).toBe(0);
  });

  it('one that was refreshed ends at its new time', async () => {
    const publication = await keep('p1', 60_000);
    await clock.advance(50_000);
    await refresh(publication, 60_000);
    await clock.advance(59_000);
    expect([ended, (await row('p1')) !== undefined]).toEqual([[], true]);
    await clock.advance(1_000);
    expect(ended).toEqual(['p1']);
    await clock.advance(LITTER_MS);
    expect(await row('p1')).toBeUndefined();
  });

  it('a refresh that is under way when the time comes is waited for', async () => {
    const publication = await keep('p1', 60_000);
    void lanes.run(publication.presentity, async () => {
      await new Promise<void>((resolve) => clock.after(60_100, resolve));
      const next = { ...publication, etag: newTag(), expiresAt: clock.now() + 60_000 };
      await store.publications.write({ kind: 'replace', expected: publication.etag, publication: next });
      book.keep(next);
    });
    await clock.advance(61_000);
    expect([ended, (await row('p1')) !== undefined]).toEqual([[], true]);
    // It ends by its new time, though nobody said so.
    await clock.advance(60_000);
    expect(ended).toEqual(['p1']);
    await clock.advance(LITTER_MS);
    expect(await row('p1')).toBeUndefined();
  });

  it('one that was removed before is none that ends', async () => {
    const publication = await keep('p1', 60_000);
    book.drop(publication);
    await clock.advance(120_000);
    expect(ended).toEqual([]);
  });

  it('one that is withdrawn ends at once, and once', async () => {
    const publication = await keep('p1', 60_000);
    sweep.endNow(publication);
    await clock.settle();
    expect([book.size, ended, await row('p1')]).toEqual([0, ['p1'], undefined]);
    await clock.advance(120_000);
    expect(ended).toEqual(['p1']);
  });

  it('while the database is away it ends all the same, and its row goes when the database is back', async () => {
    await keep('p1', 60_000);
    levers.publications.before = databaseAway('remove');
    await clock.advance(60_000);
    expect([book.size, ended]).toEqual([0, ['p1']]);
    await clock.advance(60_000);
    expect(await row('p1')).toBeDefined();
    levers.publications.before = undefined;
    await clock.advance(10_000);
    expect(await row('p1')).toBeUndefined();
    expect([ended, clock.armed]).toEqual([['p1'], 0]);
  });

  it('after the close nothing ends, and nothing is tried again', async () => {
    await keep('p1', 60_000);
    await keep('p2', 30_000);
    levers.publications.before = databaseAway('remove');
    await clock.advance(30_000);
    sweep.close();
    levers.publications.before = undefined;
    await clock.advance(120_000);
    expect(ended).toEqual(['p2']);
    expect([(await row('p1')) !== undefined, (await row('p2')) !== undefined]).toEqual([true, true]);
    expect(clock.armed).toBe(0);
  });
});

describe('a start on what the run before left', () => {
  it('takes up what is published, by its entity-tags', async () => {
    const publication = await keep('p1', 60_000);
    await keep('p2', 60_000);
    sweep.close();
    openSweep();
    expect(await restorePublications({ publications: store.publications, book, sweep })).toBe(2);
    expect(book.find(publication.presentity, 'presence', publication.etag, clock.now())).toEqual(publication);
    await clock.advance(60_000);
    expect([...ended].sort()).toEqual(['p1', 'p2']);
  });

  it('what expired meanwhile ends at once, and its watchers are told', async () => {
    await keep('p1', 60_000);
    sweep.close();
    await clock.advance(3_600_000);
    openSweep();
    await restorePublications({ publications: store.publications, book, sweep });
    await clock.advance(0);
    expect([ended, book.size]).toEqual([['p1'], 0]);
    await clock.advance(LITTER_MS);
    expect(await row('p1')).toBeUndefined();
  });

  it('takes up all of many, page by page', async () => {
    const many = 2_500;
    for (let n = 0; n < many; n += 1)
      await store.publications.write({ kind: 'insert', publication: makePublication(`p${n}`) });
    expect(await restorePublications({ publications: store.publications, book, sweep })).toBe(many);
    expect(book.size).toBe(many);
  });

  it('a store that cannot be read is a fault of the start: nobody is served half a state', async () => {
    const publications = {
      async *all(): AsyncIterable<readonly Publication[]> {
        yield [makePublication('p1')];
        throw new Error('gone');
      },
    };
    await expect(restorePublications({ publications, book, sweep })).rejects.toThrow('gone');
  });
});
