import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '#runtime';
import { migrate, type Store, StoreUnavailable } from '#store';
import { makePrismaStore, openDatabase } from '../../services/store/prisma/index.ts';
import { type CutDatabase, makeCutDatabase } from '../support/cut-executor.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { aor, makePublication, makeSubscription, newTag, tag } from '../support/stores.ts';

/** The connection is lost while a COMMIT is under way: nobody can know what came of it without reading again. */
export function cutAtCommitContract(name: string, databaseUrl: () => string): void {
  describe(`a connection cut at COMMIT: ${name}`, () => {
    let database: CutDatabase;
    let store: Store;
    beforeAll(async () => {
      await migrate(databaseUrl(), { log: silentLog });
      database = makeCutDatabase(await openDatabase(databaseUrl(), silentLog));
      store = makePrismaStore(database, { clock: makeFakeClock(), log: silentLog });
    });
    afterAll(() => store.close());

    for (const cut of ['before-commit', 'after-commit'] as const) {
      test(`${cut}: every row of the batch is answered by what stands afterwards`, async () => {
        const presentity = aor(cut);
        const rows = Array.from({ length: 30 }, (_, index) => makePublication(`${cut}-${index}`, { presentity }));
        for (const publication of rows) await store.publications.write({ kind: 'insert', publication });
        const next = rows.map((row) => ({ ...row, etag: newTag() }));
        database.cuts.push(cut);
        const replaced = next.slice(0, 20).map((publication, index) => ({
          kind: 'replace' as const,
          expected: index === 5 ? tag('gone') : (rows[index]?.etag ?? tag('')),
          publication,
        }));
        const removed = rows.slice(20).map(({ id, etag }) => ({ kind: 'remove' as const, expected: etag, id }));
        const inserted = { kind: 'insert' as const, publication: makePublication(`${cut}-new`, { presentity }) };
        const writes = [...replaced, ...removed, inserted];
        const outcomes = await Promise.all(writes.map((write) => store.publications.write(write)));
        expect(outcomes).toEqual(writes.map((_, index) => (index === 5 ? 'stale' : 'written')));
        const stand = await store.publications.of(presentity, 0);
        const expected = [...next.slice(0, 5), rows[5], ...next.slice(6, 20), inserted.publication];
        expect(new Map(stand.map((row) => [row.id, row]))).toEqual(new Map(expected.map((row) => [row?.id, row])));
      });

      test(`${cut}: subscriptions are inserted once, updated and removed`, async () => {
        const presentity = aor(`subscribed-${cut}`);
        const standing = makeSubscription(`${cut}-s`, { presentity });
        const ending = makeSubscription(`${cut}-e`, { presentity });
        await store.subscriptions.write({ kind: 'insert', subscription: standing });
        await store.subscriptions.write({ kind: 'insert', subscription: ending });
        database.cuts.push(cut);
        const updated = { ...standing, told: 'new' };
        const added = makeSubscription(`${cut}-n`, { presentity, createdAt: standing.createdAt + 1 });
        const outcomes = await Promise.all([
          store.subscriptions.write({ kind: 'update', subscription: updated }),
          store.subscriptions.write({ kind: 'insert', subscription: added }),
          store.subscriptions.write({ kind: 'remove', id: ending.id }),
        ]);
        expect(outcomes).toEqual(['written', 'written', 'written']);
        expect(await store.subscriptions.of(presentity, 0)).toEqual([updated, added]);
      });
    }

    test('what was committed is not written a second time', async () => {
      const publication = makePublication('once');
      database.cuts.push('after-commit');
      const before = database.transactions;
      expect(await store.publications.write({ kind: 'insert', publication })).toBe('written');
      expect(database.transactions).toBe(before + 1);
    });

    test('away afterwards too: StoreUnavailable, and the row is there whole; the client can go on', async () => {
      const first = makePublication('unknown', { presentity: aor('unknown') });
      database.cuts.push('after-commit');
      const write = store.publications.write({ kind: 'insert', publication: first });
      write.catch(() => undefined);
      queueMicrotask(() => {
        database.away = true;
      });
      await new Promise((resolve) => setImmediate(resolve));
      database.away = true;
      await expect(write).rejects.toBeInstanceOf(StoreUnavailable);
      await expect(store.publications.of(first.presentity, 0)).rejects.toBeInstanceOf(StoreUnavailable);
      database.away = false;
      database.cuts.length = 0;
      const [stands] = await store.publications.of(first.presentity, 0);
      if (stands !== undefined) expect(stands).toEqual(first);
      const next = { ...first, etag: newTag() };
      const again =
        stands === undefined
          ? await store.publications.write({ kind: 'insert', publication: next })
          : await store.publications.write({ kind: 'replace', expected: stands.etag, publication: next });
      expect(again).toBe('written');
    });

    test('committed, and away from then on: StoreUnavailable, and the row is there whole', async () => {
      const first = makePublication('committed', { presentity: aor('committed') });
      database.cuts.push('after-commit-and-away');
      await expect(store.publications.write({ kind: 'insert', publication: first })).rejects.toBeInstanceOf(
        StoreUnavailable,
      );
      database.away = false;
      expect(await store.publications.of(first.presentity, 0)).toEqual([first]);
    });

    test('an account and its Change are there together or not at all', async () => {
      database.cuts.push('before-commit');
      await expect(store.journal.append([{ kind: 'everything', subject: '' }], 1)).rejects.toBeInstanceOf(
        StoreUnavailable,
      );
      expect(await store.journal.span()).toBeUndefined();
    });
  });
}
