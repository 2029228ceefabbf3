import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '#runtime';
import { migrate, type Store, StoreUnavailable } from '#store';
import { makePrismaStore, openDatabase } from '../../services/store/prisma/index.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { mariadbInstalled, type PrivateMariaDb, startMariaDb } from '../support/mariadb.ts';
import { eventually } from '../support/processes.ts';
import { makePublication, makeSubscription, newTag } from '../support/stores.ts';

describe.skipIf(!mariadbInstalled('groups of writes on MariaDB'))('groups of writes on MariaDB', () => {
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

  const waitsForLock = () =>
    eventually('somebody waits for a lock', async () => {
      const [row] = server.read("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'");
      return row?.[1] === '1' ? true : undefined;
    });
  const status = (name: string): number => Number(server.read(`SHOW GLOBAL STATUS LIKE '${name}'`)[0]?.[1]);
  const commits = (): number => status('Com_commit');

  it('a group that loses a deadlock is rolled back whole, with what was sent behind the statement that lost, and written when it is tried again', async () => {
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
    await waitsForLock();
    goOn();
    await expect(other).rejects.toThrow('taken back');
    expect(await writing).toEqual(['written', 'written', 'written']);
    expect(await Promise.all([first, second, added].map(({ id }) => ours.publications.find(id)))).toEqual([
      one,
      two,
      added,
    ]);
  });

  it('a change of one row is one statement, committed with its answer; of two it is a transaction', async () => {
    const [one, other] = [makePublication('one'), makePublication('other')];
    for (const publication of [one, other]) await ours.publications.write({ kind: 'insert', publication });
    const before = commits();
    const second = { ...one, etag: newTag(), body: Uint8Array.of(0, 255) };
    const replace = { kind: 'replace', expected: one.etag, publication: second } as const;
    expect(await ours.publications.write(replace)).toBe('written');
    expect(await ours.publications.find(one.id)).toEqual(second);
    expect(await ours.publications.write(replace)).toBe('stale');
    const staleIsDecidedInOne = commits() - before;
    expect(staleIsDecidedInOne).toBe(1);
    const removals = [second, other].map(({ id, etag }) => ({ kind: 'remove', id, expected: etag }) as const);
    expect(await Promise.all(removals.map((removal) => ours.publications.write(removal)))).toEqual([
      'written',
      'written',
    ]);
    expect(commits() - before).toBe(2);
  });

  it('groups of insertions, changes and removals are decided without a rollback where each row stands as expected', async () => {
    const before = { rollbacks: status('Com_rollback'), commits: commits() };
    const rows = Array.from({ length: 9 }, (_, index) => makePublication(`mixed-${index}`));
    const write = (kind: 'insert' | 'replace' | 'refresh' | 'remove', row: (typeof rows)[number], etag = row.etag) => {
      if (kind === 'remove') return ours.publications.write({ kind, id: row.id, expected: row.etag });
      if (kind === 'insert') return ours.publications.write({ kind, publication: row });
      return ours.publications.write({ kind, expected: row.etag, publication: { ...row, etag } });
    };
    const inserted = await Promise.all(rows.map((row) => write('insert', row)));
    const kinds = ['replace', 'refresh', 'remove'] as const;
    const mixed = await Promise.all(rows.map((row, index) => write(kinds[index % 3] ?? 'remove', row, newTag())));
    expect([...inserted, ...mixed]).toEqual([...rows, ...rows].map(() => 'written'));

    const subscriptions = Array.from({ length: 6 }, (_, index) => makeSubscription(`mixed-${index}`));
    await Promise.all(subscriptions.map((subscription) => ours.subscriptions.write({ kind: 'insert', subscription })));
    const ended = await Promise.all(
      subscriptions.map((subscription, index) =>
        index % 2 === 0
          ? ours.subscriptions.write({ kind: 'remove', id: subscription.id })
          : ours.subscriptions.write({ kind: 'update', subscription: { ...subscription, told: 'v2' } }),
      ),
    );
    expect(ended).toEqual(subscriptions.map(() => 'written'));
    expect({ rollbacks: status('Com_rollback'), commits: commits() }).toEqual({
      rollbacks: before.rollbacks,
      commits: before.commits + 4,
    });
  });

  it('changes of many rows are one statement; one of a row that is gone is stale, and puts nothing there', async () => {
    const rows = Array.from({ length: 12 }, (_, index) => makePublication(`many-${index}`));
    for (const publication of rows) await ours.publications.write({ kind: 'insert', publication });
    const replaceAll = (from: typeof rows) =>
      Promise.all(
        from.map((row) =>
          ours.publications.write({ kind: 'replace', expected: row.etag, publication: { ...row, etag: newTag() } }),
        ),
      );
    const before = { updates: status('Com_update'), inserts: status('Com_insert') };
    expect(await replaceAll(rows)).toEqual(rows.map(() => 'written'));
    expect(status('Com_update')).toBe(before.updates);
    expect(status('Com_insert')).toBe(before.inserts + 1);

    const gone = makePublication('gone');
    const standing = (await Promise.all(rows.map(({ id }) => ours.publications.find(id)))).flatMap((row) => row ?? []);
    const next = [...standing, gone].map((row) => ({ expected: row.etag, publication: { ...row, etag: newTag() } }));
    expect(await Promise.all(next.map((each) => ours.publications.write({ kind: 'replace', ...each })))).toEqual([
      ...rows.map(() => 'written'),
      'stale',
    ]);
    expect(await ours.publications.find(gone.id)).toBeUndefined();
    expect(await ours.publications.find(rows[3]?.id ?? '')).toEqual(next[3]?.publication);
  });

  it('a group of many waits for who is taking the role, and is not written then', async () => {
    const rows = [makePublication('led-1'), makePublication('led-2')];
    for (const publication of rows) await ours.publications.write({ kind: 'insert', publication });
    const lease = await ours.leases.read('pair');
    await ours.leases.take({ name: 'pair', holder: 'ours', host: 'h', pid: 1 }, lease);
    ours.leases.writeAs('pair', 'ours');
    let writing: Promise<unknown> = Promise.resolve();
    await others.executor.transaction(async (statements) => {
      await statements.execute("UPDATE `Lease` SET `holder` = 'theirs' WHERE `name` = ?", ['pair']);
      writing = Promise.allSettled(
        rows.map((row) =>
          ours.publications.write({ kind: 'replace', expected: row.etag, publication: { ...row, etag: newTag() } }),
        ),
      );
      await waitsForLock();
    });
    expect(await writing).toMatchObject(rows.map(() => ({ status: 'rejected', reason: expect.any(StoreUnavailable) })));
    expect(await Promise.all(rows.map(({ id }) => ours.publications.find(id)))).toEqual(rows);
    ours.leases.writeAs('pair', 'theirs');
  });

  it('a change of one row waits for who is taking the role, and is not written then', async () => {
    const publication = makePublication('led');
    await ours.publications.write({ kind: 'insert', publication });
    await ours.leases.take({ name: 'sip', holder: 'ours', host: 'h', pid: 1 }, undefined);
    ours.leases.writeAs('sip', 'ours');
    const replace = { ...publication, etag: newTag() };
    let writing: Promise<unknown> = Promise.resolve();
    await others.executor.transaction(async (statements) => {
      await statements.execute("UPDATE `Lease` SET `holder` = 'theirs' WHERE `name` = ?", ['sip']);
      writing = ours.publications
        .write({ kind: 'replace', expected: publication.etag, publication: replace })
        .catch((fault: unknown) => fault);
      await waitsForLock();
    });
    expect(await writing).toBeInstanceOf(StoreUnavailable);
    expect(await ours.publications.find(publication.id)).toEqual(publication);
  });
});
