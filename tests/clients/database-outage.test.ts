/** The database away under load, with the service's own process and a MariaDB that nobody else has: nobody has to act. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mariadbInstalled, type PrivateMariaDb, startMariaDb } from '../support/mariadb.ts';
import { runOutage } from '../support/outage.ts';

const hasMariaDb = mariadbInstalled('clients: the database away under load');

describe.skipIf(!hasMariaDb)('the database away under load', () => {
  let database: PrivateMariaDb;
  beforeAll(async () => {
    database = await startMariaDb();
  }, 60_000);
  afterAll(() => database?.stop());

  it.each(['shutDown', 'kill'] as const)(
    '%s: what was acknowledged stands, the rest was refused with 503 and Retry-After, and the same process goes on',
    async (how) => {
      const report = await runOutage({ database, how, awayMs: 6_000, aroundMs: 3_000, users: 100, perSecond: 150 });
      console.log(`the database away (${how}): ${JSON.stringify(report)}`);
      expect(report.faults).toEqual([]);
      const { answers } = report.counts;
      for (const what of ['initial', 'modify', 'refresh', 'subscribe', 'resubscribe'])
        expect(answers[`${what} 200`], what).toBeGreaterThan(0);
      for (const what of ['modify', 'refresh', 'resubscribe']) expect(answers[`${what} 503`], what).toBeGreaterThan(0);
      expect(report.firstSuccessMs).toBeDefined();
      expect(report.compared.publications).toBeGreaterThan(20);
      expect(report.compared.subscriptions).toBeGreaterThan(20);
    },
    90_000,
  );
});
