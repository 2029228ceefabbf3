import { afterAll, beforeAll, describe } from 'vitest';
import { silentLog } from '#runtime';
import { migrate, openStore, type Store } from '#store';
import { mariadbInstalled, type PrivateMariaDb, startMariaDb } from '../support/mariadb.ts';
import { storeContract } from './store.contract.ts';

describe.skipIf(!mariadbInstalled('store contract on MariaDB'))('MariaDB', () => {
  let server: PrivateMariaDb;
  let databases = 0;
  beforeAll(async () => {
    server = await startMariaDb();
  }, 60_000);
  afterAll(() => server.stop());

  storeContract('MariaDB', async (clock) => {
    databases += 1;
    const databaseUrl = server.url(`porchlight${databases}`);
    await migrate(databaseUrl, { log: silentLog });
    const open = () => openStore(databaseUrl, { clock, log: silentLog });
    const stores = [await open()] as [Store, ...Store[]];
    return {
      store: stores[0],
      async openOther() {
        const other = await open();
        stores.push(other);
        return other;
      },
      async remove() {
        for (const store of stores) await store.close();
      },
    };
  });
});
