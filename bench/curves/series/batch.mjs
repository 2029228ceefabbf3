import { readFileSync } from 'node:fs';
import { tsImport } from 'tsx/esm/api';
import { systemClock as clock, silentLog } from '../../../dist/services/runtime/index.js';
import { migrate, openStore } from '../../../dist/services/store/index.js';
import { openStage } from '../../micro/stage.mjs';

const MOST = 1000;
const TICK_US = 10_000;

/** Modifies that arrive together go to the database together; CPU of the service and of MariaDB, which commits before each 200. */
export default {
  name: 'batch',
  x: 'PUBLISHes that arrive together',
  operation: 'PUBLISH modify, CPU of MariaDB included',
  xs: [1, 3, 10, 30, 100, 300, MOST],
  async open() {
    const { startMariaDb } = await tsImport('../../../tests/support/mariadb.ts', import.meta.url);
    const mariadb = await startMariaDb();
    const url = mariadb.url('curves');
    await migrate(url, { log: silentLog });
    const store = await openStore(url, { clock, log: silentLog });
    const stage = await openStage({ store, people: MOST });
    await stage.logIn(stage.people);
    await stage.appear(stage.people);
    /** In ticks of the kernel's: a slice must be long enough for some dozens. */
    const ofMariaDb = () => {
      const fields = readFileSync(`/proc/${mariadb.pid}/stat`, 'latin1').split(') ')[1].split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_US;
    };
    return {
      async at(together) {
        const phones = stage.people.slice(0, together);
        return async () => {
          const before = ofMariaDb();
          const service = await stage.feedAndAnswer(phones.map((phone) => stage.publishRequest(phone)));
          const mariadb = ofMariaDb() - before;
          return { spent: service + mariadb, done: together, also: { service, mariadb } };
        };
      },
      async close() {
        await stage.close();
        await store.close();
        await mariadb.stop();
      },
    };
  },
};
