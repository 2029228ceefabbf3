/** kill -9 under load, a few times here and hundreds of times by bench/load/crash.ts: what was acknowledged is there. */
import { describe, expect, it } from 'vitest';
import { runCrashes } from '../support/crash.ts';
import { mariadbInstalled, startMariaDb } from '../support/mariadb.ts';

const KILLS = 10;
const USERS = 40;
const LONG_MS = 180_000;

describe('kill -9 at random moments under full load: every acknowledged operation is there', () => {
  it(
    'the SIP service, on SQLite',
    async () => {
      const report = await runCrashes({ what: 'service', database: undefined, kills: KILLS, users: USERS, seed: 7 });
      expect(report.faults).toEqual([]);
      expect(report.acknowledged).toBeGreaterThan(KILLS * USERS);
    },
    LONG_MS,
  );

  describe.skipIf(!mariadbInstalled('clients: kill -9 of MariaDB under load'))('MariaDB', () => {
    it.each(['service', 'mariadb'] as const)(
      'the %s',
      async (what) => {
        const database = await startMariaDb();
        try {
          const report = await runCrashes({ what, database, kills: KILLS, users: USERS, seed: 7 });
          expect(report.faults).toEqual([]);
          expect(report.acknowledged).toBeGreaterThan(KILLS * USERS);
        } finally {
          await database.stop();
        }
      },
      LONG_MS,
    );
  });
});
