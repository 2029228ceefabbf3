import { expect, test } from 'vitest';
import { type Figures, MAX_FIGURES, MAX_NODES, type NodeReport } from '#store';
import type { Within } from './store.contract.ts';

const node = (id: string, given: Partial<NodeReport> = {}): NodeReport => ({
  id,
  role: 'sip',
  state: 'serving',
  host: 'porch#1a2b3c4d',
  pid: 42,
  version: '0.1.0',
  startedAt: 10,
  since: 20,
  seenAt: 100,
  listens: ['udp:0.0.0.0:5060', 'tcp:[::]:5060'],
  packages: [{ event: 'presence', module: 'builtin:presence', state: 'loaded', why: '', since: 15 }],
  ...given,
});

const counted = (name: string, at: number, given: Partial<Figures> = {}): Figures => ({
  node: name,
  at,
  spanMs: 5000,
  publications: 3,
  subscriptions: 4,
  notifies: 5,
  lagMs: 6,
  failures: { 'in 403': 2, 'out timeout': 1 },
  ...given,
});

/** What SIP services say of themselves. */
export function describeNodes(within: Within): void {
  within('nodes', (fresh) => {
    test('each has one row, the last thing it said; who was heard of last comes first', async () => {
      const { nodes } = fresh().store;
      expect(await nodes.list()).toEqual([]);
      await nodes.report(node('one', { state: 'waiting', packages: [], listens: [] }));
      await nodes.report(node('two', { seenAt: 300 }));
      await nodes.report(node('one', { seenAt: 200 }));
      expect(await nodes.list()).toEqual([node('two', { seenAt: 300 }), node('one', { seenAt: 200 })]);
    });

    test('who ends in order is gone at once, others when they were not heard of for long', async () => {
      const { nodes } = fresh().store;
      await nodes.leave('two');
      await nodes.leave('nobody');
      expect((await nodes.list()).map(({ id }) => id)).toEqual(['one']);
      await nodes.report(node('three', { seenAt: 400 }));
      expect(await nodes.purge(201, 0)).toBe(1);
      expect((await nodes.list()).map(({ id }) => id)).toEqual(['three']);
    });

    test('what is too long to be read is cut, and a list is no longer than a page', async () => {
      const { nodes } = fresh().store;
      const why = 'x'.repeat(2000);
      const packages = Array.from({ length: 100 }, (_, index) => ({
        event: `event-${index}`,
        module: '/a/module.mjs',
        state: 'broken' as const,
        why,
        since: 1,
      }));
      await nodes.report(node('long', { seenAt: 500, host: 'h'.repeat(300), packages }));
      const [long] = await nodes.list();
      expect(long?.host).toHaveLength(255);
      expect(long?.packages).toHaveLength(60);
      expect(long?.packages[0]?.why).toHaveLength(300);
      for (let index = 0; index < MAX_NODES + 5; index += 1) await nodes.report(node(`many-${index}`));
      expect(await nodes.list()).toHaveLength(MAX_NODES);
      await expect(nodes.report(node('no key'))).rejects.toThrow(RangeError);
    });
  });

  within('figures', (fresh) => {
    test('come back as they were counted, oldest first, those after an instant; the same twice is one', async () => {
      const { nodes } = fresh().store;
      await nodes.write(counted('one', 200));
      await nodes.write(counted('two', 100, { failures: {} }));
      await nodes.write(counted('one', 200, { notifies: 7 }));
      expect(await nodes.figures(0)).toEqual([
        counted('two', 100, { failures: {} }),
        counted('one', 200, { notifies: 7 }),
      ]);
      expect((await nodes.figures(100)).map(({ at }) => at)).toEqual([200]);
    });

    test('of many kinds of failure the most frequent are kept', async () => {
      const { nodes } = fresh().store;
      const failures = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`in ${400 + index}`, index + 1]));
      await nodes.write(counted('three', 300, { failures }));
      const kept = (await nodes.figures(299))[0]?.failures ?? {};
      expect(Object.keys(kept)).toHaveLength(24);
      expect(kept['in 799']).toBe(400);
    });

    test('the pulse is another one whenever somebody said or counted something, else the same', async () => {
      const { nodes } = fresh().store;
      const pulses = [await nodes.pulse()];
      expect(await nodes.pulse()).toBe(pulses[0]);
      await nodes.report(node('one', { seenAt: 1000 }));
      pulses.push(await nodes.pulse());
      await nodes.write(counted('one', 1001));
      pulses.push(await nodes.pulse());
      await nodes.leave('one');
      pulses.push(await nodes.pulse());
      expect(new Set(pulses).size).toBe(4);
    });

    test('old ones go; of very many the newest are read', async () => {
      const { nodes } = fresh().store;
      expect(await nodes.purge(0, 300)).toBe(2);
      const moments = Array.from({ length: MAX_FIGURES + 3 }, (_, index) => 2000 + index);
      // Ten at a time, as many as there are connections.
      for (let from = 0; from < moments.length; from += 10)
        await Promise.all(moments.slice(from, from + 10).map((at) => nodes.write(counted('one', at))));
      const read = await nodes.figures(0);
      expect(read).toHaveLength(MAX_FIGURES);
      expect(read.at(-1)?.at).toBe(2002 + MAX_FIGURES);
    }, 120_000);
  });
}
