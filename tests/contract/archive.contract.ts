import { expect, test } from 'vitest';
import type { ArchiveRow, Store } from '#store';
import {
  aor,
  makeAccount,
  makePublication,
  makeRule,
  makeSession,
  makeSubscription,
  makeWaitingRow,
} from '../support/stores.ts';
import type { Within } from './store.contract.ts';

async function* inPagesOf(size: number, rows: readonly ArchiveRow[]): AsyncGenerator<readonly ArchiveRow[]> {
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size);
}

async function readAll(store: Store): Promise<readonly ArchiveRow[]> {
  const all: ArchiveRow[] = [];
  await store.archive.read(async (rows) => void all.push(...rows));
  return all;
}

/** A little of everything; publications in bytes that are no text. */
async function fill(store: Store): Promise<void> {
  for (const user of ['alice', 'bob']) await store.accounts.create(makeAccount(user));
  await store.accounts.create(makeAccount('zoe', { passwordHash: undefined, credentials: [] }));
  await store.accounts.setDisabled(aor('bob'), true);
  await store.eventLoader.set({ event: 'dialog', module: '/opt/dialog.mjs', enabled: false });
  await store.rules.set(makeRule('alice', '@example.org', { permission: 'polite-block' }));
  await store.rules.set(makeRule('bob', '*', { event: 'dialog' }));
  await store.groups.set({ id: 'g1', owner: aor('alice'), name: 'Friends', members: [aor('bob'), aor('carol')] });
  await store.groups.set({ id: 'g2', owner: aor('bob'), name: 'Empty', members: [] });
  await store.preferences.set(aor('alice'), 'availability', 'on');
  await store.rules.set(makeRule('alice', 'group:g1', { untilAt: 1_900_000_000_000 }));
  await store.publications.write({
    kind: 'insert',
    publication: makePublication('p1', { body: Uint8Array.of(0, 255, 128, 10) }),
  });
  await store.subscriptions.write({ kind: 'insert', subscription: makeSubscription('s1', { cause: 'approved' }) });
  await store.waiting.write({ kind: 'keep', waiting: makeWaitingRow('w1') });
  await store.sessions.create(makeSession(1));
  await store.settings.fix('realm', 'example.com');
  await store.accounts.setAdmin(aor('alice'), true);
  const factor = { sealed: Uint8Array.of(1, 0, 255), keyId: 'k1', since: 5, lastStep: 9 };
  await store.secondFactors.set(aor('alice'), factor, ['a'.repeat(64), 'b'.repeat(64)]);
  await store.passkeys.add({
    id: 'cGFzc2tleQ',
    aor: aor('alice'),
    publicKey: Uint8Array.of(255, 1),
    counter: 3,
    transports: 'internal',
    label: 'Laptop',
    createdAt: 7,
  });
}

export function describeArchive(within: Within): void {
  within('archive', (fresh) => {
    test('an empty store is empty, also when its packages and realm are set', async () => {
      const { archive, settings } = fresh().store;
      expect(await archive.isEmpty()).toBe(true);
      await settings.fix('realm', 'example.com');
      expect(await archive.isEmpty()).toBe(true);
    });

    test('everything is read, each row after what it needs, and replaced by itself is the same', async () => {
      const { store } = fresh();
      await fill(store);
      expect(await store.archive.isEmpty()).toBe(false);
      const rows = await readAll(store);
      expect([...new Set(rows.map(({ table }) => table))]).toEqual([
        'setting',
        'package',
        'account',
        'second-factor',
        'passkey',
        'group',
        'preference',
        'rule',
        'publication',
        'subscription',
        'waiting',
      ]);
      expect(rows).toContainEqual({ table: 'setting', name: 'realm', value: 'example.com' });
      const before = (await store.journal.span())?.newest ?? 0;
      await store.archive.replace(() => inPagesOf(2, rows));
      expect(await readAll(store)).toEqual(rows);
      expect((await store.journal.after(before, 10)).map(({ change }) => change)).toEqual([
        { kind: 'everything', subject: '' },
      ]);
      expect((await store.accounts.find(aor('bob')))?.disabled).toBe(true);
      expect((await store.accounts.find(aor('alice')))?.admin).toBe(true);
      expect(await store.secondFactors.of(aor('alice'))).toMatchObject({ lastStep: 9, recoveryLeft: 2 });
      expect(await store.accounts.passwordHash(aor('zoe'))).toEqual({ hash: undefined });
      expect((await store.publications.find('p1'))?.body).toEqual(Uint8Array.of(0, 255, 128, 10));
      expect(await store.rules.of(aor('bob'))).toEqual([makeRule('bob', '*', { event: 'dialog' })]);
      // A session that was ended since must not come back.
      expect(await store.sessions.find(makeSession(1).idHash, 0)).toBeUndefined();
    });

    test('what was there before is gone: rules, entity-tags and settings too', async () => {
      const { store } = fresh();
      const rows = (await readAll(store)).filter(
        (row) => row.table === 'package' || (row.table === 'account' && row.account.aor === aor('alice')),
      );
      await store.archive.replace(() => inPagesOf(10, rows));
      expect(await store.accounts.list({ limit: 10 })).toHaveLength(1);
      expect(await store.rules.of(aor('alice'))).toEqual([]);
      expect(await store.publications.find('p1')).toBeUndefined();
      expect(await store.waiting.find('w1')).toBeUndefined();
      expect(await store.settings.get('realm')).toBeUndefined();
    });

    test('a row that cannot be kept, or a source that fails, changes nothing at all', async () => {
      const { store } = fresh();
      const before = await readAll(store);
      const span = await store.journal.span();
      const good: ArchiveRow = { table: 'publication', publication: makePublication('new') };
      const tooLong: ArchiveRow = { table: 'publication', publication: makePublication('x'.repeat(33)) };
      await expect(store.archive.replace(() => inPagesOf(1, [good, tooLong]))).rejects.toThrow(RangeError);
      const orphan: ArchiveRow = { table: 'rule', rule: makeRule('nobody', '*') };
      await expect(store.archive.replace(() => inPagesOf(1, [good, orphan]))).rejects.toThrow(/nobody/);
      const failing = async function* (): AsyncGenerator<readonly ArchiveRow[]> {
        yield [good];
        throw new Error('the file ends here');
      };
      await expect(store.archive.replace(failing)).rejects.toThrow('the file ends here');
      expect(await readAll(store)).toEqual(before);
      expect(await store.journal.span()).toEqual(span);
    });

    test('while it is read others write, and what they write is not in it', async () => {
      const { store } = fresh();
      await store.publications.write({ kind: 'insert', publication: makePublication('before') });
      const seen: ArchiveRow[] = [];
      let written = false;
      await store.archive.read(async (rows) => {
        seen.push(...rows);
        if (written) return;
        written = true;
        await store.publications.write({ kind: 'insert', publication: makePublication('during') });
      });
      const ids = seen.flatMap((row) => (row.table === 'publication' ? [row.publication.id] : []));
      expect(ids).toEqual(['before']);
      expect(await store.publications.find('during')).toBeDefined();
    });

    test('more than a page of each', async () => {
      const { store } = fresh();
      const users = Array.from({ length: 1203 }, (_, index) => makeAccount(`u${index}`));
      await store.accounts.createMany(users);
      await store.rules.setMany(users.map(({ username }) => makeRule(username, '*')));
      const rows = await readAll(store);
      expect(rows.filter(({ table }) => table === 'rule')).toHaveLength(1203);
      await store.archive.replace(() => inPagesOf(500, rows));
      expect(new Set((await readAll(store)).map((row) => JSON.stringify(row)))).toEqual(
        new Set(rows.map((row) => JSON.stringify(row))),
      );
    });
  });
}
