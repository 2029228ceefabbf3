import { expect, test } from 'vitest';
import type { Aor, WaitingSubscription } from '#model';
import type { Store } from '#store';
import { aor, makeAccount, makeWaitingRow } from '../support/stores.ts';
import type { Within } from './store.contract.ts';

export function describeWaiting(within: Within): void {
  within('waiting questions', (fresh) => {
    const keep = (waiting: WaitingSubscription) => fresh().store.waiting.write({ kind: 'keep', waiting });
    const idsOf = async (presentity: Aor, now = 0): Promise<readonly string[]> =>
      (await fresh().store.waiting.of(presentity, now)).map(({ id }) => id);
    const everybody = async (store: Store): Promise<readonly WaitingSubscription[]> => {
      const all: WaitingSubscription[] = [];
      for await (const page of store.waiting.all()) all.push(...page);
      return all;
    };

    test('RFC 3857 §4.7.1: one question for each watcher, presentity and package; the newer takes the place', async () => {
      const { waiting } = fresh().store;
      const first = makeWaitingRow('w1');
      expect(await keep(first)).toBe('written');
      expect(await waiting.of(aor('alice'), 0)).toEqual([first]);
      expect(await keep(first)).toBe('written');
      const second = makeWaitingRow('w2', { askedAt: first.askedAt + 1, userAgent: '' });
      expect(await keep(second)).toBe('written');
      expect(await waiting.of(aor('alice'), 0)).toEqual([second]);
      await keep(makeWaitingRow('w3', { event: 'ping-state' }));
      await keep(makeWaitingRow('w4', { watcher: aor('carol') }));
      await keep(makeWaitingRow('w5', { presentity: aor('zoe') }));
      expect([...(await idsOf(aor('alice')))].sort()).toEqual(['w2', 'w3', 'w4']);
      expect(await waiting.find('w2')).toEqual(second);
      expect(await waiting.find('w1')).toBeUndefined();
      expect(await waiting.find('w2 ')).toBeUndefined();
    });

    test('a question is removed by its id: one that took its place stays, and removing again is no fault', async () => {
      const { waiting } = fresh().store;
      expect(await waiting.write({ kind: 'remove', waiting: makeWaitingRow('w1') })).toBe('written');
      expect(await idsOf(aor('alice'))).toContain('w2');
      expect(await waiting.write({ kind: 'remove', waiting: makeWaitingRow('w2') })).toBe('written');
      expect(await waiting.write({ kind: 'remove', waiting: makeWaitingRow('w2') })).toBe('written');
      expect(await idsOf(aor('alice'))).not.toContain('w2');
    });

    test('addresses are compared byte for byte', async () => {
      await keep(makeWaitingRow('case1', { presentity: aor('case'), watcher: aor('Bob') }));
      await keep(makeWaitingRow('case2', { presentity: aor('case'), watcher: aor('bob') }));
      expect(await idsOf(aor('case'))).toEqual(['case1', 'case2']);
    });

    test('the expired are left out, the oldest question comes first', async () => {
      const rows = [
        makeWaitingRow('o2', { watcher: aor('o2'), presentity: aor('order'), askedAt: 2, expiresAt: 100 }),
        makeWaitingRow('o1', { watcher: aor('o1'), presentity: aor('order'), askedAt: 1, expiresAt: 100 }),
        makeWaitingRow('o3', { watcher: aor('o3'), presentity: aor('order'), askedAt: 3, expiresAt: 50 }),
      ];
      await Promise.all(rows.map(keep));
      expect(await idsOf(aor('order'), 49)).toEqual(['o1', 'o2', 'o3']);
      expect(await idsOf(aor('order'), 50)).toEqual(['o1', 'o2']);
    });

    test('what cannot be kept is refused, and the others of its group are written', async () => {
      const outcomes = await Promise.all(
        [{ userAgent: 'x'.repeat(129) }, { askedAt: -1 }, { watcher: `sip:${'x'.repeat(250)}@x` as Aor }, {}].map(
          (given, index) => keep(makeWaitingRow(`r${index}`, { presentity: aor('refused'), ...given })),
        ),
      );
      expect(outcomes).toEqual(['refused', 'refused', 'refused', 'written']);
      expect(await idsOf(aor('refused'))).toEqual(['r3']);
    });

    test('seven hundred at once, and all of them in pages, by id', async () => {
      const { store } = fresh();
      const rows = Array.from({ length: 700 }, (_, index) =>
        makeWaitingRow(`many${index}`, { presentity: aor('many'), watcher: aor(`m${index}`), askedAt: index }),
      );
      expect(new Set(await Promise.all(rows.map(keep)))).toEqual(new Set(['written']));
      expect(await store.waiting.of(aor('many'), 0)).toEqual(rows);
      const ids = (await everybody(store)).map(({ id }) => id);
      expect(ids).toEqual([...ids].sort());
      expect(ids.filter((id) => id.startsWith('many'))).toHaveLength(700);
    });

    test('an account that is deleted takes the questions of it and to it along', async () => {
      const { store } = fresh();
      await store.accounts.create(makeAccount('gone'));
      await keep(makeWaitingRow('g1', { presentity: aor('gone') }));
      await keep(makeWaitingRow('g2', { presentity: aor('stays'), watcher: aor('gone') }));
      await keep(makeWaitingRow('g3', { presentity: aor('stays') }));
      await store.accounts.remove(aor('gone'));
      expect((await everybody(store)).map(({ id }) => id).filter((id) => id.startsWith('g'))).toEqual(['g3']);
    });
  });
}
