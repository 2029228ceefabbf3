import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Publication } from '#model';
import { silentLog } from '#runtime';
import { migrate, openStore, type Store, StoreUnavailable } from '#store';
import { makeFakeClock } from '../support/fake-clock.ts';
import { mariadbInstalled, type PrivateMariaDb, startMariaDb } from '../support/mariadb.ts';
import { aor, makeAccount, makePublication, newTag } from '../support/stores.ts';
import { cutAtCommitContract } from './cut-at-commit.contract.ts';

const installed = mariadbInstalled('outages of MariaDB');

describe.skipIf(!installed)('MariaDB', () => {
  let server: PrivateMariaDb;
  beforeAll(async () => {
    server = await startMariaDb();
  }, 60_000);
  afterAll(() => server.stop());

  cutAtCommitContract('MariaDB', () => server.url('cut'));

  describe('a database killed under the store', () => {
    let store: Store;
    beforeAll(async () => {
      await migrate(server.url('outage'), { log: silentLog });
      store = await openStore(server.url('outage'), { clock: makeFakeClock(), log: silentLog });
    });
    afterAll(() => store.close());

    test('acknowledged rows are there afterwards, the others wholly or not at all, and the store goes on', async () => {
      const presentity = aor('killed');
      await store.accounts.create(makeAccount('killed'));
      const acknowledged = new Map<string, Publication>();
      const unanswered = new Map<string, Publication[]>();
      let written = 0;
      let refused = 0;
      let killed: Promise<void> | undefined;

      // Forty phones, each publishing again and again until the database is gone.
      await Promise.all(
        Array.from({ length: 40 }, async (_, phone) => {
          let current = makePublication(`k${phone}`, { presentity, body: new Uint8Array(400).fill(phone) });
          for (let round = 0; round < 500; round += 1) {
            const before = acknowledged.get(current.id);
            const next = { ...current, etag: newTag(), body: new Uint8Array(400).fill(round) };
            unanswered.set(next.id, [next]);
            try {
              const outcome = await store.publications.write(
                before === undefined
                  ? { kind: 'insert', publication: next }
                  : { kind: 'replace', expected: before.etag, publication: next },
              );
              expect(outcome).toBe('written');
              acknowledged.set(next.id, next);
              unanswered.delete(next.id);
              current = next;
              written += 1;
              if (written === 600) killed ??= server.kill();
            } catch (fault) {
              expect(fault).toBeInstanceOf(StoreUnavailable);
              refused += 1;
              return;
            }
          }
        }),
      );
      await killed;
      expect(refused).toBe(40);
      await expect(store.accounts.find(presentity)).rejects.toBeInstanceOf(StoreUnavailable);

      await server.restart();
      const stand = new Map((await store.publications.of(presentity, 0)).map((row) => [row.id, row]));
      expect(stand.size).toBe(40);
      for (const [id, row] of stand) {
        const possible = [acknowledged.get(id), ...(unanswered.get(id) ?? [])];
        expect(possible).toContainEqual(row);
        const next = { ...row, etag: newTag() };
        const again = { kind: 'replace', expected: row.etag, publication: next } as const;
        expect(await store.publications.write(again)).toBe('written');
      }
      expect(await store.accounts.find(presentity)).toMatchObject({ username: 'killed' });
    }, 60_000);
  });

  describe('a database that is not there yet', () => {
    test('the store opens, says StoreUnavailable within seconds, and works when it comes', async () => {
      const databaseUrl = server.url('late');
      await migrate(databaseUrl, { log: silentLog });
      await server.kill();
      const warnings: string[] = [];
      const log = { ...silentLog, warn: (_: object, message: string) => void warnings.push(message) };
      const store = await openStore(databaseUrl, { clock: makeFakeClock(), log });
      const publication = makePublication('late');
      await expect(store.publications.write({ kind: 'insert', publication })).rejects.toBeInstanceOf(StoreUnavailable);
      await expect(store.settings.get('realm')).rejects.toBeInstanceOf(StoreUnavailable);
      await expect(migrate(databaseUrl, { log: silentLog })).rejects.toBeInstanceOf(StoreUnavailable);
      expect(warnings).toEqual(['the database is away']);
      await server.restart();
      expect(await store.publications.write({ kind: 'insert', publication })).toBe('written');
      await store.close();
    }, 60_000);
  });

  test('two SIP services that write the same rows at once: each row has one winner, nobody fails', async () => {
    const databaseUrl = server.url('both');
    await migrate(databaseUrl, { log: silentLog });
    const open = () => openStore(databaseUrl, { clock: makeFakeClock(), log: silentLog });
    const stores = await Promise.all([open(), open()]);
    const rows = Array.from({ length: 60 }, (_, index) => makePublication(`b${index}`, { presentity: aor('both') }));
    for (const kind of ['insert', 'replace'] as const) {
      const outcomes = await Promise.all(
        stores.map((store, side) =>
          Promise.all(
            rows.map((row, index) => {
              const publication = { ...row, etag: `${kind}-${side}-${index}` as typeof row.etag };
              return store.publications.write(
                kind === 'insert' ? { kind, publication } : { kind, expected: winners[index] ?? row.etag, publication },
              );
            }),
          ),
        ),
      );
      for (const [index] of rows.entries()) {
        const mine = outcomes.map((side) => side[index]).sort();
        expect(mine).toEqual(['stale', 'written']);
      }
      const stand = await stores[0]?.publications.of(aor('both'), 0);
      winners = rows.map((row) => stand?.find(({ id }) => id === row.id)?.etag);
    }
    await Promise.all(stores.map((store) => store.close()));
  });
});

let winners: (Publication['etag'] | undefined)[] = [];
