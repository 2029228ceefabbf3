/**
 * A process of its own that writes publications into a SQLite file as fast as they are committed, and says into another file
 * what it is about to write and what was acknowledged; for power-cut.ts, which records its system calls.
 */
import { openSync, writeSync } from 'node:fs';
import { silentLog, systemClock } from '#runtime';
import { openStore } from '#store';
import { aor, makePublication, tag } from './stores.ts';

const [databaseUrl = '', sayings = '', rounds = '100'] = process.argv.slice(2);
const LANES = 6;
const said = openSync(sayings, 'a');
const say = (line: string): void => void writeSync(said, `${line}\n`);
const store = await openStore(databaseUrl, { clock: systemClock, log: silentLog });

/** Inserted, changed twenty times, refreshed now and then, removed, and again. */
async function lane(number: number): Promise<void> {
  const id = `lane${number}`;
  for (let round = 0; round < Number(rounds); round += 1) {
    const step = round % 23;
    const expected = tag(`${id}-${round - 1}`);
    const publication = makePublication(id, {
      presentity: aor(id),
      etag: tag(`${id}-${round}`),
      body: new Uint8Array(200 + ((round * 97) % 3000)).fill(65 + (round % 26)),
    });
    say(`asked ${id} ${step === 22 ? '-' : publication.etag}`);
    const outcome = await store.publications.write(
      step === 0
        ? { kind: 'insert', publication }
        : step === 22
          ? { kind: 'remove', expected, id }
          : { kind: step % 5 === 0 ? 'refresh' : 'replace', expected, publication },
    );
    if (outcome !== 'written') throw new Error(`${id} ${round}: ${outcome}`);
    say(`acknowledged ${id} ${step === 22 ? '-' : publication.etag}`);
  }
}

await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
await store.close();
