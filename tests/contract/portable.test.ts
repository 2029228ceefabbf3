import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '#runtime';
import { type ArchiveRow, migrate, openStore, type Store } from '#store';
import { makeFakeClock } from '../support/fake-clock.ts';
import { mariadbInstalled, type PrivateMariaDb, startMariaDb } from '../support/mariadb.ts';
import { makeAccount, makePublication, makeRule, makeSqliteStore, makeSubscription } from '../support/stores.ts';

/** What one database gave, in any order: each orders texts and ids as it likes. */
async function read(store: Store): Promise<readonly ArchiveRow[]> {
  const all: ArchiveRow[] = [];
  await store.archive.read(async (rows) => void all.push(...rows));
  return all;
}

const sorted = (rows: readonly ArchiveRow[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort();

describe.skipIf(!mariadbInstalled('archives between databases'))('from one database to another', () => {
  let server: PrivateMariaDb;
  beforeAll(async () => {
    server = await startMariaDb();
  }, 60_000);
  afterAll(() => server.stop());

  test('from SQLite to MariaDB and back nothing is lost or changed', async () => {
    const sqlite = await makeSqliteStore();
    const databaseUrl = server.url('portable');
    await migrate(databaseUrl, { log: silentLog });
    const mariadb = await openStore(databaseUrl, { clock: makeFakeClock(), log: silentLog });
    await sqlite.store.accounts.createMany(['alice', 'ALICE', 'älice'].map((user) => makeAccount(user)));
    await sqlite.store.rules.set(makeRule('alice', '*'));
    const body = Uint8Array.from({ length: 65_536 }, (_, index) => index % 256);
    await sqlite.store.publications.write({ kind: 'insert', publication: makePublication('p', { body }) });
    const subscription = makeSubscription('s', { eventId: 'é 😀', expiresAt: 2 ** 52 });
    await sqlite.store.subscriptions.write({ kind: 'insert', subscription });

    const rows = await read(sqlite.store);
    expect(rows.length).toBeGreaterThan(6);
    const again = async function* () {
      yield rows;
    };
    await mariadb.archive.replace(again);
    const there = await read(mariadb);
    expect(sorted(there)).toEqual(sorted(rows));
    await sqlite.store.archive.replace(async function* () {
      yield there;
    });
    expect(sorted(await read(sqlite.store))).toEqual(sorted(rows));
    await mariadb.close();
    await sqlite.remove();
  }, 60_000);
});
