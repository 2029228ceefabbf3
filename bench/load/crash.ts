/**
 * kill -9 at random moments under full load, hundreds of times; ends with status 1 when something that was acknowledged is
 * not there, or something is there that nobody asked for:
 *
 *     npm run build && node --import tsx --conditions=source bench/load/crash.ts [KILLS] [USERS] [SEED] [service/sqlite service/mariadb mariadb]
 */
import { runCrashes } from '../../tests/support/crash.ts';
import { mariadbInstalled, startMariaDb } from '../../tests/support/mariadb.ts';

const words = process.argv.slice(2);
const [kills = 100, users = 100, seed = 1] = words.filter((word) => /^\d+$/.test(word)).map(Number);
const named = words.filter((word) => !/^\d+$/.test(word));
const kinds = named.length > 0 ? named : ['service/sqlite', 'service/mariadb', 'mariadb'];
if (!mariadbInstalled('bench: kill -9 under load')) process.exit(2);
for (const kind of kinds) {
  const database = kind === 'service/sqlite' ? undefined : await startMariaDb();
  try {
    const what = kind === 'mariadb' ? 'mariadb' : 'service';
    const report = await runCrashes({ what, database, kills, users, seed, say: console.log });
    console.log(kind, JSON.stringify(report, null, 2));
    if (report.faults.length > 0) process.exitCode = 1;
  } finally {
    await database?.stop();
  }
}
