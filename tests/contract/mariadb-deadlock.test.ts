import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '#runtime';
import { migrate, type Store } from '#store';
import { makePrismaStore, openDatabase } from '../../services/store/prisma/index.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { mariadbInstalled, type PrivateMariaDb, startMariaDb } from '../support/mariadb.ts';
import { eventually } from '../support/processes.ts';
import { makePublication, newTag } from '../support/stores.ts';

describe.skipIf(!mariadbInstalled('deadlocks on MariaDB'))('a group that loses a deadlock', () => {
  let server: PrivateMariaDb;
  let ours: Store;
  let others: Awaited<ReturnType<typeof openDatabase>>;
  beforeAll(async () => {
    server = await startMariaDb();
    const url = server.url('porchlight');
    await migrate(url, { log: silentLog });
    ours = makePrismaStore(await openDatabase(`${url}&connectionLimit=1`, silentLog), {
      clock: makeFakeClock(),
      log: silentLog,
    });
    others = await openDatabase(url, silentLog);
  }, 60_000);
  afterAll(async () => {
    await ours?.close();
    await others?.disconnect();
    await server?.stop();
  });

  it('is rolled back whole, with what was sent behind the statement that lost, and written when it is tried again', async () => {
    const [first, second] = [makePublication('first'), makePublication('second')];
    const weights = Array.from({ length: 100 }, (_, index) => makePublication(`weight-${index}`));
    for (const publication of [first, second, ...weights]) {
      await ours.publications.write({ kind: 'insert', publication });
      // On each connection both statements have been prepared, so that they go in the order in which they are asked for.
      await ours.publications.write({ kind: 'replace', expected: publication.etag, publication });
    }

    let goOn: () => void = () => undefined;
    let holds: () => void = () => undefined;
    const holding = new Promise<void>((resolve) => {
      holds = resolve;
    });
    const touch = 'UPDATE `Pdata` SET `userAgent` = ? WHERE `id` = ?';
    const other = others.executor.transaction(async (statements) => {
      // It has changed more rows, so that it is not the one that the database gives up.
      for (const { id } of weights) await statements.execute(touch, ['other', id]);
      await statements.execute(touch, ['other', second.id]);
      holds();
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      await statements.execute(touch, ['other', first.id]);
      throw new Error('taken back');
    });
    await holding;

    const added = makePublication('added');
    const [one, two] = [first, second].map((row) => ({ ...row, etag: newTag() }));
    const writing = Promise.all([
      ours.publications.write({ kind: 'replace', expected: first.etag, publication: one ?? first }),
      ours.publications.write({ kind: 'replace', expected: second.etag, publication: two ?? second }),
      ours.publications.write({ kind: 'insert', publication: added }),
    ]);
    await eventually('the group waits for the other', async () => {
      const [row] = server.read("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'");
      return row?.[1] === '1' ? true : undefined;
    });
    goOn();
    await expect(other).rejects.toThrow('taken back');
    expect(await writing).toEqual(['written', 'written', 'written']);
    expect(await Promise.all([first, second, added].map(({ id }) => ours.publications.find(id)))).toEqual([
      one,
      two,
      added,
    ]);
  });
});
