/**
 * The database away for a minute under load, both ways, on a private MariaDB; ends with status 1 when a promise was broken:
 *
 *     npm run build && node --import tsx --conditions=source bench/load/outage.ts [SECONDS] [USERS] [REQUESTS A SECOND]
 */
import { mariadbInstalled, startMariaDb } from '../../tests/support/mariadb.ts';
import { runOutage } from '../../tests/support/outage.ts';

const [seconds = 60, users = 200, perSecond = 300] = process.argv.slice(2).map(Number);
if (!mariadbInstalled('bench: the database away under load')) process.exit(2);
const database = await startMariaDb();
try {
  for (const how of ['shutDown', 'kill'] as const) {
    console.log(`${how}: ${users} users, ${perSecond} requests a second, away for ${seconds} s`);
    const around = { awayMs: seconds * 1000, aroundMs: 20_000 };
    const report = await runOutage({ database, how, ...around, users, perSecond, say: console.log });
    console.log(JSON.stringify(report, null, 2));
    if (report.faults.length > 0) process.exitCode = 1;
  }
} finally {
  await database.stop();
}
