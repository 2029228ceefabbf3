import { expect, test } from 'vitest';
import type { Subscription } from '#model';
import { aor, makeSubscription } from '../support/stores.ts';
import type { Within } from './store.contract.ts';

export function describeSubscriptions(within: Within): void {
  within('subscriptions', (fresh) => {
    test('a subscription is inserted, updated and removed by its id', async () => {
      const { subscriptions } = fresh().store;
      const first = makeSubscription('s1');
      expect(await subscriptions.write({ kind: 'update', subscription: first })).toBe('stale');
      expect(await subscriptions.write({ kind: 'insert', subscription: first })).toBe('written');
      expect(await subscriptions.write({ kind: 'insert', subscription: first })).toBe('stale');
      expect(await subscriptions.of(aor('alice'), 0)).toEqual([first]);
      const next: Subscription = {
        ...first,
        state: 'pending',
        permission: 'confirm',
        cause: 'approved',
        expiresAt: first.expiresAt + 5,
        reservedCseq: 2 ** 32,
        told: 'x',
        dialog: { ...first.dialog, remoteCseq: 2 ** 31, remoteTarget: 'sip:bob@[2001:db8::1]', routeSet: [] },
      };
      expect(await subscriptions.write({ kind: 'update', subscription: next })).toBe('written');
      expect(await subscriptions.write({ kind: 'update', subscription: next })).toBe('written');
      expect(await subscriptions.of(aor('alice'), 0)).toEqual([next]);
      expect(await subscriptions.write({ kind: 'remove', id: 's1' })).toBe('written');
      expect(await subscriptions.write({ kind: 'remove', id: 's1' })).toBe('stale');
      expect(await subscriptions.of(aor('alice'), 0)).toEqual([]);
    });

    test('an update that knows what was before writes what differs, whichever columns those are', async () => {
      const { subscriptions } = fresh().store;
      const first = makeSubscription('steps', { presentity: aor('steps') });
      await subscriptions.write({ kind: 'insert', subscription: first });
      const { dialog } = first;
      const steps: Partial<Subscription>[] = [
        {},
        { told: 'marked' },
        { told: '', reservedCseq: 2000 },
        { expiresAt: first.expiresAt + 9, dialog: { ...dialog, remoteCseq: 5 } },
        {
          expiresAt: first.expiresAt + 10,
          dialog: { ...dialog, remoteCseq: 6, flow: 'tcp:1', remoteTarget: 'sip:x@y' },
        },
        { contentType: 'text/plain' },
        { state: 'pending', permission: 'confirm' },
        { userAgent: 'other', told: 'more' },
        { dialog: { ...dialog, routeSet: ['<sip:elsewhere;lr>'] } },
      ];
      let before = first;
      for (const step of steps) {
        const subscription = { ...before, ...step };
        expect(await subscriptions.write({ kind: 'update', subscription, before })).toBe('written');
        expect(await subscriptions.find('steps')).toEqual(subscription);
        before = subscription;
      }
      expect(await subscriptions.write({ kind: 'update', subscription: before, before })).toBe('written');
      await subscriptions.write({ kind: 'remove', id: 'steps' });
      expect(await subscriptions.write({ kind: 'update', subscription: before, before })).toBe('stale');
    });

    test('Call-ID, tags and Event id are kept as they came, case, accents and spaces too', async () => {
      const { subscriptions } = fresh().store;
      const given = makeSubscription('odd', { presentity: aor('odd'), eventId: 'Ä b ' });
      const odd = { ...given, dialog: { ...given.dialog, callId: 'CaLL "é" ', localTag: 'T', remoteTag: '' } };
      await subscriptions.write({ kind: 'insert', subscription: odd });
      expect(await subscriptions.of(aor('odd'), 0)).toEqual([odd]);
      expect(await subscriptions.of(aor('ODD'), 0)).toEqual([]);
    });

    test('what cannot be kept is refused', async () => {
      const { subscriptions } = fresh().store;
      const good = makeSubscription('bad', { presentity: aor('bad') });
      const bad: Subscription[] = [
        { ...good, dialog: { ...good.dialog, callId: 'x'.repeat(256) } },
        { ...good, dialog: { ...good.dialog, remoteTarget: 'x'.repeat(1025) } },
        { ...good, dialog: { ...good.dialog, routeSet: ['x'.repeat(65_535)] } },
        { ...good, dialog: { ...good.dialog, remoteCseq: -1 } },
        { ...good, told: 'x'.repeat(65) },
      ];
      for (const subscription of bad)
        expect(await subscriptions.write({ kind: 'insert', subscription })).toBe('refused');
      expect(await subscriptions.of(aor('bad'), 0)).toEqual([]);
    });

    test('the expired are left out, the oldest comes first', async () => {
      const { subscriptions } = fresh().store;
      const rows = [
        makeSubscription('o2', { presentity: aor('order'), createdAt: 2, expiresAt: 100 }),
        makeSubscription('o1', { presentity: aor('order'), createdAt: 1, expiresAt: 100 }),
        makeSubscription('o3', { presentity: aor('order'), createdAt: 3, expiresAt: 50 }),
      ];
      await Promise.all(rows.map((subscription) => subscriptions.write({ kind: 'insert', subscription })));
      expect((await subscriptions.of(aor('order'), 49)).map(({ id }) => id)).toEqual(['o1', 'o2', 'o3']);
      expect((await subscriptions.of(aor('order'), 50)).map(({ id }) => id)).toEqual(['o1', 'o2']);
    });

    test('a hundred at once: each has its own outcome', async () => {
      const { subscriptions } = fresh().store;
      const rows = Array.from({ length: 100 }, (_, index) =>
        makeSubscription(`h${index}`, { presentity: aor('hundred'), createdAt: index }),
      );
      const inserts = rows.map((subscription) => subscriptions.write({ kind: 'insert', subscription }));
      expect(new Set(await Promise.all(inserts))).toEqual(new Set(['written']));
      const mixed = await Promise.all(
        rows.map((subscription, index) => {
          if (index % 3 === 0) return subscriptions.write({ kind: 'remove', id: subscription.id });
          const update = index === 50 ? { ...subscription, id: 'unknown' } : { ...subscription, told: `t${index}` };
          return subscriptions.write({ kind: 'update', subscription: update });
        }),
      );
      expect(mixed).toEqual(rows.map((_, index) => (index === 50 ? 'stale' : 'written')));
      const left = await subscriptions.of(aor('hundred'), 0);
      expect(left).toHaveLength(66);
      expect(left.find(({ id }) => id === 'h52')?.told).toBe('t52');
      expect(left.find(({ id }) => id === 'h50')?.told).toBe('');
    });

    test('all rows are read in pages, by id', async () => {
      const { subscriptions } = fresh().store;
      const many = Array.from({ length: 300 }, (_, index) =>
        makeSubscription(`m${index}`, { presentity: aor('many') }),
      );
      await Promise.all(many.map((subscription) => subscriptions.write({ kind: 'insert', subscription })));
      const ids: string[] = [];
      for await (const page of subscriptions.all()) ids.push(...page.map(({ id }) => id));
      expect(ids).toEqual([...ids].sort());
      expect(ids.filter((id) => id.startsWith('m'))).toHaveLength(300);
    });
  });
}
