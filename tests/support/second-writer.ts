/** A process of its own for tests of two processes on one SQLite file: writes what its test expects, then ends. */
import { silentLog, systemClock } from '#runtime';
import { openStore } from '#store';
import { aor, makePublication, tag } from './stores.ts';

const store = await openStore(process.argv[2] ?? '', { clock: systemClock, log: silentLog });
process.stdout.write('ready\n');
for (let index = 0; index < 100; index += 1) {
  const publication = makePublication(`child${index}`, { presentity: aor('child'), etag: tag(`child-${index}`) });
  const outcome = await store.publications.write({ kind: 'insert', publication });
  if (outcome !== 'written') throw new Error(`publication ${index}: ${outcome}`);
  await store.journal.append([{ kind: 'everything', subject: '' }], index);
}
await store.close();
