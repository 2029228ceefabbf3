import { afterAll, beforeAll, describe } from 'vitest';
import { silentLog } from '#runtime';
import { migrate, openStore, type Store } from '#store';
import { makeExecutor } from '../../services/store/prisma/executor.ts';
import { makePrismaStore, openDatabase } from '../../services/store/prisma/index.ts';
import { connectMysql } from '../../services/store/prisma/mysql-connection.ts';
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

  storeContract('MariaDB, asked before each COMMIT, as MySQL is', async (clock) => {
    databases += 1;
    const databaseUrl = server.url(`porchlight${databases}`);
    await migrate(databaseUrl, { log: silentLog });
    const stores: Store[] = [];
    const open = async () => {
      // MySQL knows no packet with many rows either.
      const asked = await connectMysql(`${databaseUrl}&bulk=false`, () => false);
      const database = await openDatabase(databaseUrl, silentLog);
      const disconnect = async () => void (await Promise.all([database.disconnect(), asked.adapter.dispose()]));
      const store = makePrismaStore(
        { ...database, executor: makeExecutor(asked), disconnect },
        { clock, log: silentLog },
      );
      stores.push(store);
      return store;
    };
    return {
      store: await open(),
      openOther: open,
      async remove() {
        for (const store of stores) await store.close();
      },
    };
  });
});
