import { spawn } from 'node:child_process';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { silentLog } from '#runtime';
import { migrate, openStore, StoreUnavailable } from '#store';
import { makeFakeClock } from '../support/fake-clock.ts';
import { aor, makePublication, makeSqliteStore, makeTemporaryFolder, newTag } from '../support/stores.ts';
import { cutAtCommitContract } from './cut-at-commit.contract.ts';

const folder = makeTemporaryFolder('sqlite');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

cutAtCommitContract('SQLite', () => `file:${join(folder, 'cut.db')}`);

describe('one SQLite file', () => {
  test('it is for its owner only, and its folder is made', async () => {
    const databaseUrl = `file:${join(folder, 'new', 'deep', 'porchlight.db')}`;
    await migrate(databaseUrl, { log: silentLog });
    expect(statSync(join(folder, 'new', 'deep', 'porchlight.db')).mode & 0o777).toBe(0o600);
  });

  test('a file that cannot be opened is StoreUnavailable', async () => {
    const beneathAFile = join(fileURLToPath(import.meta.url), 'porchlight.db');
    const opening = openStore(`file:${beneathAFile}`, { clock: makeFakeClock(), log: silentLog });
    await expect(opening).rejects.toBeInstanceOf(StoreUnavailable);
  });

  test('what was acknowledged is there when the file is opened again', async () => {
    const databaseUrl = `file:${join(folder, 'again.db')}`;
    await migrate(databaseUrl, { log: silentLog });
    const first = await openStore(databaseUrl, { clock: makeFakeClock(), log: silentLog });
    const publication = makePublication('kept');
    await first.publications.write({ kind: 'insert', publication });
    await first.close();
    await expect(first.publications.of(publication.presentity, 0)).rejects.toBeInstanceOf(StoreUnavailable);
    const second = await openStore(databaseUrl, { clock: makeFakeClock(), log: silentLog });
    expect(await second.publications.of(publication.presentity, 0)).toEqual([publication]);
    await second.close();
  });

  test('two stores and another process write at once, and none of them fails', async () => {
    const { store, databaseUrl, remove } = await makeSqliteStore();
    const other = await openStore(databaseUrl, { clock: makeFakeClock(), log: silentLog });
    const child = runWriter(databaseUrl);
    await child.ready;
    const writeAll = async (writer: typeof store, name: string): Promise<void> => {
      for (let index = 0; index < 100; index += 1) {
        const publication = makePublication(`${name}${index}`, { presentity: aor(name), etag: newTag() });
        expect(await writer.publications.write({ kind: 'insert', publication })).toBe('written');
        await writer.journal.append([{ kind: 'everything', subject: '' }], index);
      }
    };
    await Promise.all([writeAll(store, 'one'), writeAll(other, 'two'), child.done]);
    for (const name of ['one', 'two', 'child']) {
      expect(await store.publications.of(aor(name), 0), name).toHaveLength(100);
    }
    expect((await store.journal.after(0, 1000)).length).toBe(300);
    await other.close();
    await remove();
  }, 30_000);

  test.skipIf(process.platform !== 'linux')(
    '3,000 transactions leave no descriptor open',
    async () => {
      const { store, remove } = await makeSqliteStore();
      const publication = makePublication('fd');
      await store.publications.write({ kind: 'insert', publication });
      const before = readdirSync('/proc/self/fd').length;
      let { etag } = publication;
      for (let index = 0; index < 3000; index += 1) {
        const next = { ...publication, etag: newTag() };
        await store.publications.write({ kind: 'replace', expected: etag, publication: next });
        etag = next.etag;
      }
      expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 10);
      await remove();
    },
    30_000,
  );
});

/** Another process that writes 100 publications and as many journal rows. */
function runWriter(databaseUrl: string): { readonly ready: Promise<void>; readonly done: Promise<void> } {
  const script = fileURLToPath(new URL('../support/second-writer.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=source', script, databaseUrl], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const ready = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  const done = new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the other process failed: ${errors}`))));
  });
  return { ready: Promise.race([ready, done]), done };
}
