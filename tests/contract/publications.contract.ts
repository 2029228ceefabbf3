import { expect, test } from 'vitest';
import { MAX_BODY_BYTES, type Publication } from '#model';
import type { PublicationWrite, Store } from '#store';
import { aor, makePublication, newTag, tag } from '../support/stores.ts';
import type { Within } from './store.contract.ts';

const START = 0;

export function describePublications(within: Within): void {
  within('publications', (fresh) => {
    test('a publication is inserted, replaced where the entity-tag matches, and removed where it matches', async () => {
      const { publications } = fresh().store;
      const first = makePublication('p1');
      expect(await publications.write({ kind: 'insert', publication: first })).toBe('written');
      expect(await publications.of(first.presentity, START)).toEqual([first]);

      const second = { ...first, etag: newTag(), body: Uint8Array.of(1), expiresAt: first.expiresAt + 1 };
      expect(await publications.write({ kind: 'replace', expected: tag('other'), publication: second })).toBe('stale');
      expect(await publications.of(first.presentity, START)).toEqual([first]);
      expect(await publications.write({ kind: 'replace', expected: first.etag, publication: second })).toBe('written');
      expect(await publications.of(first.presentity, START)).toEqual([second]);

      expect(await publications.write({ kind: 'remove', expected: first.etag, id: 'p1' })).toBe('stale');
      expect(await publications.write({ kind: 'remove', expected: second.etag, id: 'p1' })).toBe('written');
      expect(await publications.write({ kind: 'remove', expected: second.etag, id: 'p1' })).toBe('stale');
      expect(await publications.of(first.presentity, START)).toEqual([]);
      expect(await publications.write({ kind: 'replace', expected: second.etag, publication: first })).toBe('stale');
    });

    test('a refresh moves the entity-tag and the end, where the entity-tag matches, and nothing else', async () => {
      const { publications } = fresh().store;
      const first = makePublication('refreshed', { presentity: aor('refreshed') });
      await publications.write({ kind: 'insert', publication: first });
      const next = { ...first, etag: newTag(), expiresAt: first.expiresAt + 60_000 };
      expect(await publications.write({ kind: 'refresh', expected: tag('other'), publication: next })).toBe('stale');
      const wild = { ...next, body: Uint8Array.of(7), modifiedAt: 1, contentType: 'text/plain' };
      expect(await publications.write({ kind: 'refresh', expected: first.etag, publication: wild })).toBe('written');
      expect(await publications.of(first.presentity, START)).toEqual([next]);
      await publications.write({ kind: 'remove', expected: next.etag, id: next.id });
      const late = { ...next, etag: newTag() };
      expect(await publications.write({ kind: 'refresh', expected: next.etag, publication: late })).toBe('stale');
      expect(await publications.of(first.presentity, START)).toEqual([]);
    });

    test('a replacement leaves presentity, event and publisher as they were', async () => {
      const { publications } = fresh().store;
      const first = makePublication('whose', { presentity: aor('whose') });
      await publications.write({ kind: 'insert', publication: first });
      const next = { ...first, etag: newTag(), body: Uint8Array.of(2), userAgent: 'other', contentType: 'text/plain' };
      const wild = { ...next, presentity: aor('mallory'), publisher: aor('mallory'), event: 'dialog' };
      expect(await publications.write({ kind: 'replace', expected: first.etag, publication: wild })).toBe('written');
      expect(await publications.find('whose')).toEqual(next);
    });

    test('an id that exists is stale, and the row stays as it is', async () => {
      const { publications } = fresh().store;
      const first = makePublication('twice', { presentity: aor('twice') });
      await publications.write({ kind: 'insert', publication: first });
      expect(await publications.write({ kind: 'insert', publication: first })).toBe('stale');
      const other = { ...first, etag: newTag() };
      expect(await publications.write({ kind: 'insert', publication: other })).toBe('stale');
      expect(await publications.of(first.presentity, START)).toEqual([first]);
    });

    test('keys that differ in case, accent or trailing space are different keys', async () => {
      const { publications } = fresh().store;
      const lower = makePublication('case', { presentity: aor('case'), etag: tag('abc') });
      const upper = makePublication('CASE', { presentity: aor('CASE'), etag: tag('ABC') });
      expect(await write(fresh().store, lower)).toBe('written');
      expect(await write(fresh().store, upper)).toBe('written');
      expect(await write(fresh().store, makePublication('käse', { etag: tag('äbc') }))).toBe('written');
      expect(await write(fresh().store, makePublication('case ', { etag: newTag() }))).toBe('refused');
      expect(await publications.of(aor('case'), START)).toEqual([lower]);
      const next = { ...lower, etag: newTag() };
      expect(await publications.write({ kind: 'replace', expected: tag('ABC'), publication: next })).toBe('stale');
      expect(await publications.write({ kind: 'replace', expected: tag('abc '), publication: next })).toBe('stale');
    });

    test('bodies keep every byte: none, all values, and the largest', async () => {
      const { publications } = fresh().store;
      const bodies = [
        new Uint8Array(0),
        Uint8Array.from({ length: 256 }, (_, value) => value),
        Uint8Array.from({ length: MAX_BODY_BYTES }, (_, index) => (index * 31) & 255),
        new Uint8Array(Uint8Array.of(9, 8, 7, 6).buffer, 1, 2),
      ];
      const given = bodies.map((body, index) =>
        makePublication(`body${index}`, { presentity: aor('body'), body: Uint8Array.from(body) }),
      );
      for (const publication of given) expect(await write(fresh().store, publication)).toBe('written');
      expect(await publications.of(aor('body'), START)).toEqual(given);
    });

    test('instants beyond 32 bits are kept', async () => {
      const { store } = fresh();
      const big = makePublication('big', {
        presentity: aor('big'),
        modifiedAt: 2 ** 33,
        expiresAt: Number.MAX_SAFE_INTEGER,
      });
      expect(await write(store, big)).toBe('written');
      expect(await store.publications.of(aor('big'), START)).toEqual([big]);
    });

    test("text outside of ASCII is kept in a device's word for itself", async () => {
      const { store } = fresh();
      const given = makePublication('text', { presentity: aor('text'), userAgent: 'Téléphone 📞 «x»' });
      await write(store, given);
      expect(await store.publications.of(aor('text'), START)).toEqual([given]);
    });

    test('when it began and which device it is of come back as given, and where nobody said so they are not there', async () => {
      const { store } = fresh();
      const [known, unknown] = [
        makePublication('of1', { presentity: aor('of'), modifiedAt: 2, createdAt: 1, origin: 'instance:<urn:uuid:A>' }),
        makePublication('of2', { presentity: aor('of'), modifiedAt: 3 }),
      ] as const;
      await write(store, known);
      await write(store, unknown);
      expect(await store.publications.of(aor('of'), START)).toStrictEqual([known, unknown]);
      const moved = { ...known, etag: tag('of-next'), modifiedAt: 4 };
      await store.publications.write({ kind: 'replace', expected: known.etag, publication: moved });
      expect(await store.publications.find('of1')).toStrictEqual(moved);
    });

    test('what cannot be kept is refused, and nothing changes', async () => {
      const { store } = fresh();
      const bad: Partial<Publication>[] = [
        { body: new Uint8Array(MAX_BODY_BYTES + 1) },
        { contentType: 'x'.repeat(129) },
        { userAgent: 'x'.repeat(129) },
        { origin: 'x'.repeat(129) },
        { createdAt: -1 },
        { userAgent: '\ud800' },
        { userAgent: 'nul\0' },
        { etag: tag('') },
        { etag: tag('x'.repeat(65)) },
        { expiresAt: 2 ** 60 },
        { expiresAt: 1.5 },
        { modifiedAt: Number.NaN },
      ];
      for (const [index, given] of bad.entries()) {
        const publication = makePublication(`bad${index}`, { presentity: aor('bad'), ...given });
        expect(await write(store, publication), JSON.stringify(Object.keys(given))).toBe('refused');
      }
      expect(await store.publications.of(aor('bad'), START)).toEqual([]);
    });

    test("an entity-tag that another row carries is refused: it is one publication's name", async () => {
      const { publications } = fresh().store;
      const one = makePublication('tag1', { presentity: aor('tags') });
      const two = makePublication('tag2', { presentity: aor('tags') });
      await publications.write({ kind: 'insert', publication: one });
      await publications.write({ kind: 'insert', publication: two });
      const third = makePublication('tag3', { presentity: aor('tags'), etag: one.etag });
      expect(await publications.write({ kind: 'insert', publication: third })).toBe('refused');
      const renamed = { ...two, etag: one.etag };
      expect(await publications.write({ kind: 'replace', expected: two.etag, publication: renamed })).toBe('refused');
      expect(await publications.of(aor('tags'), START)).toEqual([one, two]);
    });

    test('the expired are left out, the newest comes last', async () => {
      const { store } = fresh();
      const late = makePublication('order-a', { presentity: aor('order'), modifiedAt: 30, expiresAt: 100 });
      const early = makePublication('order-b', { presentity: aor('order'), modifiedAt: 10, expiresAt: 100 });
      const short = makePublication('order-c', { presentity: aor('order'), modifiedAt: 20, expiresAt: 50 });
      for (const publication of [late, early, short]) await write(store, publication);
      expect(await store.publications.of(aor('order'), 49)).toEqual([early, short, late]);
      expect(await store.publications.of(aor('order'), 50)).toEqual([early, late]);
    });
  });

  within('publications in groups', (fresh) => {
    test('a hundred at once, with one stale, one duplicate and one oversized: the others are written', async () => {
      const { publications } = fresh().store;
      const standing = Array.from({ length: 50 }, (_, index) =>
        makePublication(`g${index}`, { presentity: aor('group') }),
      );
      for (const outcome of await Promise.all(standing.map((one) => write(fresh().store, one)))) {
        expect(outcome).toBe('written');
      }
      const writes: PublicationWrite[] = standing.map((publication) => ({
        kind: 'replace',
        expected: publication.etag,
        publication: { ...publication, etag: newTag() },
      }));
      for (let index = 50; index < 100; index += 1) {
        writes.push({ kind: 'insert', publication: makePublication(`g${index}`, { presentity: aor('group') }) });
      }
      const [stale, duplicate, oversized] = [7, 60, 61] as const;
      writes[stale] = { ...(writes[stale] as PublicationWrite & { kind: 'replace' }), expected: tag('long-gone') };
      writes[duplicate] = { kind: 'insert', publication: makePublication('g3', { presentity: aor('group') }) };
      writes[oversized] = {
        kind: 'insert',
        publication: makePublication('g61', { body: new Uint8Array(MAX_BODY_BYTES + 1) }),
      };
      const outcomes = await Promise.all(writes.map((one) => publications.write(one)));
      const odd = { [stale]: 'stale', [duplicate]: 'stale', [oversized]: 'refused' } as Record<number, string>;
      expect(outcomes).toEqual(writes.map((_, index) => odd[index] ?? 'written'));
      const kept = await publications.of(aor('group'), START);
      expect(kept.map((row) => row.id)).toHaveLength(98);
      expect(kept.find((row) => row.id === 'g7')).toEqual(standing[7]);
      expect(kept.find((row) => row.id === 'g8')?.etag).not.toBe(standing[8]?.etag);
    });

    test('rows changed or taken away by hand in the midst of a group: those are stale, the others written', async () => {
      const { store, openOther } = fresh();
      const { publications } = store;
      const rows = Array.from({ length: 40 }, (_, index) =>
        makePublication(`hand${index}`, { presentity: aor('hand') }),
      );
      await Promise.all(rows.map((one) => write(store, one)));
      const other = await openOther();
      const byHand = { ...(rows[3] as Publication), etag: tag('by-hand') };
      await other.publications.write({ kind: 'replace', expected: rows[3]?.etag ?? tag(''), publication: byHand });
      for (const index of [9, 21, 39]) {
        const { id, etag: expected } = rows[index] as Publication;
        await other.publications.write({ kind: 'remove', expected, id });
      }
      const writes = rows.map((row, index): PublicationWrite => {
        if (index >= 30) return { kind: 'remove', expected: row.etag, id: row.id };
        const kind = index % 2 === 0 ? 'refresh' : 'replace';
        return { kind, expected: row.etag, publication: { ...row, etag: newTag() } };
      });
      const outcomes = await Promise.all(writes.map((one) => publications.write(one)));
      expect(outcomes).toEqual(rows.map((_, index) => ([3, 9, 21, 39].includes(index) ? 'stale' : 'written')));
      const kept = new Map((await publications.of(aor('hand'), START)).map((row) => [row.id, row.etag]));
      expect(kept.size).toBe(28);
      expect(kept.get('hand3')).toBe('by-hand');
      expect(kept.get('hand4')).not.toBe(rows[4]?.etag);
    });

    test('a thousand at once, more than one group: each has its own outcome', async () => {
      const { store } = fresh();
      const rows = Array.from({ length: 1000 }, (_, index) =>
        makePublication(`many${index}`, { presentity: aor('many'), body: new Uint8Array(index) }),
      );
      expect(new Set(await Promise.all(rows.map((one) => write(store, one))))).toEqual(new Set(['written']));
      const outcomes = await Promise.all(
        rows.map((row, index) =>
          store.publications.write({
            kind: 'replace',
            expected: index % 100 === 7 ? tag('other') : row.etag,
            publication: { ...row, etag: newTag() },
          }),
        ),
      );
      expect(outcomes).toEqual(rows.map((_, index) => (index % 100 === 7 ? 'stale' : 'written')));
    });

    test('a row that only the database refuses stands alone: its neighbours are written', async () => {
      const { publications } = fresh().store;
      const known = makePublication('n0', { presentity: aor('neighbours') });
      await publications.write({ kind: 'insert', publication: known });
      const rows = Array.from({ length: 20 }, (_, index) =>
        makePublication(`n${index + 1}`, {
          presentity: aor('neighbours'),
          ...(index === 13 ? { etag: known.etag } : {}),
        }),
      );
      const outcomes = await Promise.all(rows.map((one) => write(fresh().store, one)));
      expect(outcomes).toEqual(rows.map((_, index) => (index === 13 ? 'refused' : 'written')));
      expect(await publications.of(aor('neighbours'), START)).toHaveLength(20);
    });

    test('the same key many times at once: in order of arrival, each sees what the one before left', async () => {
      const { publications } = fresh().store;
      const first = makePublication('same', { presentity: aor('same') });
      const second = { ...first, etag: newTag() };
      const third = { ...first, etag: newTag() };
      const outcomes = await Promise.all([
        publications.write({ kind: 'insert', publication: first }),
        publications.write({ kind: 'insert', publication: { ...first, etag: newTag() } }),
        publications.write({ kind: 'replace', expected: first.etag, publication: second }),
        publications.write({ kind: 'replace', expected: first.etag, publication: { ...first, etag: newTag() } }),
        publications.write({ kind: 'replace', expected: second.etag, publication: third }),
        publications.write({ kind: 'remove', expected: third.etag, id: 'same' }),
        publications.write({ kind: 'remove', expected: third.etag, id: 'same' }),
      ]);
      expect(outcomes).toEqual(['written', 'stale', 'written', 'stale', 'written', 'written', 'stale']);
      expect(await publications.of(aor('same'), START)).toEqual([]);
    });

    test('all rows are read in pages, by id, expired ones included', async () => {
      const { publications } = fresh().store;
      const rows = Array.from({ length: 1100 }, (_, index) =>
        makePublication(`page${String(index).padStart(5, '0')}`, { presentity: aor('page'), expiresAt: 1 }),
      );
      await Promise.all(rows.map((one) => write(fresh().store, one)));
      const pages: string[][] = [];
      for await (const page of publications.all()) pages.push(page.map((row) => row.id));
      expect(pages.length).toBeGreaterThan(1);
      const ids = pages.flat();
      expect(ids).toEqual([...ids].sort());
      expect(ids.filter((id) => id.startsWith('page'))).toEqual(rows.map((row) => row.id));
    });
  });
}

function write(store: Store, publication: Publication): Promise<string> {
  return store.publications.write({ kind: 'insert', publication });
}
