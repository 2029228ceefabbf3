import { expect, test } from 'vitest';
import type { Change } from '#model';
import { StoreUnavailable } from '#store';
import { aor, makePublication, makeSubscription, newTag, tag } from '../support/stores.ts';
import type { Within } from './store.contract.ts';

export function describeShared(within: Within): void {
  within('journal', (fresh) => {
    const changes: readonly Change[] = [
      { kind: 'rules', subject: aor('alice') },
      { kind: 'account', subject: aor('alice') },
      { kind: 'state', subject: aor('alice'), event: 'presence' },
      { kind: 'packages', subject: '' },
      { kind: 'everything', subject: '' },
    ];

    test('it is empty at first', async () => {
      const { journal } = fresh().store;
      expect(await journal.span()).toBeUndefined();
      expect(await journal.after(0, 10)).toEqual([]);
      expect(await journal.byId([])).toEqual([]);
    });

    test('rows come back in order, with ids that grow, as they were written', async () => {
      const { journal } = fresh().store;
      await journal.append(changes, 1_790_000_000_000);
      await journal.append([], 1);
      const rows = await journal.after(0, 10);
      expect(rows.map(({ change }) => change)).toEqual(changes);
      expect(rows.every(({ at }) => at === 1_790_000_000_000)).toBe(true);
      const ids = rows.map(({ id }) => id);
      expect(ids).toEqual([...new Set(ids)].sort((one, other) => one - other));
      expect(await journal.after(ids[1] ?? 0, 2)).toEqual(rows.slice(2, 4));
      expect(await journal.byId([ids[3] ?? 0, ids[0] ?? 0, 999_999])).toEqual([rows[0], rows[3]]);
      expect(await journal.span()).toEqual({ oldest: ids[0], newest: ids[4] });
    });

    test('a purge removes what is older, and its ids are never given again', async () => {
      const { journal } = fresh().store;
      await journal.append([{ kind: 'everything', subject: '' }], 1_790_000_000_001);
      const newest = (await journal.span())?.newest ?? 0;
      expect(await journal.purge(1_790_000_000_001)).toBe(5);
      expect(await journal.span()).toEqual({ oldest: newest, newest });
      expect(await journal.purge(Number.MAX_SAFE_INTEGER)).toBe(1);
      expect(await journal.span()).toBeUndefined();
      await journal.append([{ kind: 'everything', subject: '' }], 5);
      expect((await journal.span())?.oldest).toBeGreaterThan(newest);
    });
  });

  within('writing under a lease', (fresh) => {
    const mine = { name: 'sip', holder: 'one', host: 'h1', pid: 10 };

    test('until a role is named anybody writes; from then on only its holder, and nothing of others is written', async () => {
      const { store } = fresh();
      const { leases, publications, subscriptions } = store;
      const first = makePublication('leased', { presentity: aor('leased') });
      expect(await publications.write({ kind: 'insert', publication: first })).toBe('written');
      leases.writeAs('sip', 'one');
      const second = { ...first, etag: newTag(), body: Uint8Array.of(1) };
      const replace = { kind: 'replace', expected: first.etag, publication: second } as const;
      await expect(publications.write(replace)).rejects.toBeInstanceOf(StoreUnavailable);
      expect(await publications.of(first.presentity, 0)).toEqual([first]);

      expect(await leases.take(mine, undefined)).toBe(true);
      expect(await publications.write(replace)).toBe('written');
      const subscription = makeSubscription('leased');
      expect(await subscriptions.write({ kind: 'insert', subscription })).toBe('written');
      expect(await leases.renew('sip', 'one')).toBe(true);
      expect(await subscriptions.write({ kind: 'update', subscription: { ...subscription, told: 'x' } })).toBe(
        'written',
      );

      const seen = await leases.read('sip');
      expect(await leases.take({ ...mine, holder: 'two', pid: 11 }, seen)).toBe(true);
      const late = [
        publications.write({ kind: 'remove', expected: second.etag, id: second.id }),
        publications.write({ kind: 'replace', expected: tag('stale'), publication: { ...first, etag: newTag() } }),
        publications.write({ kind: 'insert', publication: makePublication('late', { presentity: aor('leased') }) }),
        subscriptions.write({ kind: 'update', subscription: { ...subscription, told: 'late' } }),
        subscriptions.write({ kind: 'remove', id: 'leased' }),
      ];
      for (const { status } of await Promise.allSettled(late)) expect(status).toBe('rejected');
      expect(await publications.of(first.presentity, 0)).toEqual([second]);
      expect((await subscriptions.find('leased'))?.told).toBe('x');

      leases.writeAs('sip', 'two');
      expect(await publications.write({ kind: 'remove', expected: second.etag, id: second.id })).toBe('written');
    });
  });

  within('leases', (fresh) => {
    const mine = { name: 'sip', holder: 'one', host: 'h1', pid: 10 };
    const theirs = { name: 'sip', holder: 'two', host: 'h2', pid: 20 };

    test('a free role is taken by one', async () => {
      const { leases } = fresh().store;
      expect(await leases.read('sip')).toBeUndefined();
      const taken = await Promise.all([leases.take(mine, undefined), leases.take(theirs, undefined)]);
      expect(taken.filter(Boolean)).toHaveLength(1);
      const stands = await leases.read('sip');
      await leases.release('sip', stands?.holder ?? '');
      expect(await leases.read('sip')).toBeUndefined();
      expect(await leases.take(mine, undefined)).toBe(true);
      expect(await leases.read('sip')).toEqual({ ...mine, beat: 1 });
    });

    test('only the holder renews and releases; each renewal is a beat', async () => {
      const { leases } = fresh().store;
      expect(await leases.renew('sip', 'one')).toBe(true);
      expect(await leases.renew('sip', 'two')).toBe(false);
      expect((await leases.read('sip'))?.beat).toBe(2);
      await leases.release('sip', 'two');
      expect((await leases.read('sip'))?.holder).toBe('one');
      expect(await leases.renew('other', 'one')).toBe(false);
    });

    test('a role is taken over only if it stands as it was seen', async () => {
      const { leases } = fresh().store;
      const seen = await leases.read('sip');
      await leases.renew('sip', 'one');
      expect(await leases.take(theirs, seen)).toBe(false);
      const now = await leases.read('sip');
      expect(await leases.take(theirs, undefined)).toBe(false);
      expect(await leases.take(theirs, now)).toBe(true);
      expect(await leases.take(mine, now)).toBe(false);
      expect(await leases.read('sip')).toEqual({ ...theirs, beat: 4 });
      expect(await leases.renew('sip', 'one')).toBe(false);
    });
  });

  within('settings', (fresh) => {
    test('the first value stands, whoever comes second', async () => {
      const { settings } = fresh().store;
      expect(await settings.get('realm')).toBeUndefined();
      const both = await Promise.all([settings.fix('realm', 'one'), settings.fix('realm', 'two')]);
      expect(both[0]).toBe(both[1]);
      expect(await settings.get('realm')).toBe(both[0]);
      expect(await settings.fix('realm', 'three')).toBe(both[0]);
    });
  });
}
