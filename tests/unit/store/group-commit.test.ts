import { describe, expect, test } from 'vitest';
import { DatabaseFault, type DatabaseFaultKind } from '../../../services/store/database-fault.ts';
import { type GroupCommitPlan, makeGroupCommit } from '../../../services/store/group-commit.ts';
import { StoreUnavailable, type WriteOutcome } from '../../../services/store/store.ts';
import fc from '../../support/properties.ts';

interface Write {
  readonly key: string;
  readonly value: number;
}

/** A table in a map; `script` says what happens to each commit: a fault, or a cut before or after it took effect. */
function makeTable(script: (DatabaseFaultKind | 'cut-before' | 'cut-after' | 'fine')[] = []) {
  const rows = new Map<string, number>();
  const batches: Write[][] = [];
  const pauses: number[] = [];
  let release: (() => void) | undefined;
  let held: Promise<void> | undefined;
  let rereads = 0;
  const plan: GroupCommitPlan<Write> = {
    keyOf: (write) => write.key,
    bytesOf: (write) => (write.value > 1000 ? 600 : 1),
    async commit(writes) {
      batches.push([...writes]);
      await held;
      const step = script.shift() ?? 'fine';
      if (writes.some((write) => write.value < 0)) throw new DatabaseFault('bad-row', 'negative');
      const outcomes = writes.map((write): WriteOutcome => (rows.get(write.key) === write.value ? 'stale' : 'written'));
      if (step === 'cut-before') throw new DatabaseFault('outcome-unknown', 'cut');
      if (step !== 'fine' && step !== 'cut-after') throw new DatabaseFault(step, 'scripted');
      for (const write of writes) rows.set(write.key, write.value);
      if (step === 'cut-after') throw new DatabaseFault('outcome-unknown', 'cut');
      return outcomes;
    },
    async reread(writes) {
      rereads += 1;
      return writes.map((write) => (rows.get(write.key) === write.value ? 'written' : undefined));
    },
    pause: async (ms) => void pauses.push(ms),
    soon: (work) => void setImmediate(work),
    maxUnderWay: 1,
    worthAnother: 4,
    enough: Number.POSITIVE_INFINITY,
    maxBatch: 4,
    maxBatchBytes: 1000,
    maxWaiting: 10,
  };
  return {
    plan,
    rows,
    batches,
    pauses,
    group: makeGroupCommit(plan),
    hold() {
      held = new Promise((resolve) => {
        release = resolve;
      });
    },
    letGo() {
      held = undefined;
      release?.();
    },
    get rereads() {
      return rereads;
    },
  };
}

const write = (key: string, value = 1): Write => ({ key, value });

describe('group commit', () => {
  test('writes that arrive while a commit is under way go together as the next one', async () => {
    const table = makeTable();
    table.hold();
    const first = table.group.write(write('a'));
    await new Promise((resolve) => setImmediate(resolve));
    const later = ['b', 'c', 'd'].map((key) => table.group.write(write(key)));
    expect(table.group.waiting).toBe(4);
    table.letGo();
    expect(await Promise.all([first, ...later])).toEqual(['written', 'written', 'written', 'written']);
    expect(table.batches.map((batch) => batch.map(({ key }) => key))).toEqual([['a'], ['b', 'c', 'd']]);
    expect(table.group.waiting).toBe(0);
  });

  test('nobody is answered before their commit', async () => {
    const table = makeTable();
    table.hold();
    let answered = false;
    const pending = table.group.write(write('a')).then(() => {
      answered = true;
    });
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    table.letGo();
    await pending;
    expect(answered).toBe(true);
  });

  test('a batch has at most so many rows and so many bytes', async () => {
    const table = makeTable();
    const values = [1, 1, 1, 1, 1, 2000, 2000, 1];
    await Promise.all(values.map((value, index) => table.group.write(write(`k${index}`, value))));
    expect(table.batches.map((batch) => batch.length)).toEqual([4, 2, 2]);
  });

  test('no key occurs twice in a batch, and writes of one key keep their order', async () => {
    const table = makeTable();
    await Promise.all(
      [write('a', 1), write('b', 1), write('a', 2), write('c', 1), write('a', 3)].map(table.group.write),
    );
    expect(table.batches.map((batch) => batch.map(({ key, value }) => `${key}${value}`))).toEqual([
      ['a1', 'b1', 'c1'],
      ['a2'],
      ['a3'],
    ]);
    expect(table.rows.get('a')).toBe(3);
  });

  test('any order of keys: every write is answered, and the last of each key stands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 10 }), async (keys) => {
        const table = makeTable();
        const outcomes = await Promise.all(keys.map((key, index) => table.group.write(write(key, index))));
        expect(outcomes).toEqual(keys.map(() => 'written'));
        for (const [key, value] of table.rows) expect(value).toBe((keys as readonly string[]).lastIndexOf(key));
        for (const batch of table.batches) expect(new Set(batch.map(({ key }) => key)).size).toBe(batch.length);
      }),
    );
  });

  test('a row that the tables do not take is refused alone; the others of its batch are written', async () => {
    const table = makeTable();
    const outcomes = await Promise.all(
      [write('a'), write('b'), write('bad', -1), write('c')].map((one) => table.group.write(one)),
    );
    expect(outcomes).toEqual(['written', 'written', 'refused', 'written']);
    expect([...table.rows.keys()]).toEqual(['a', 'b', 'c']);
  });

  test('a deadlock is tried again, with growing pauses', async () => {
    const table = makeTable(['busy', 'busy']);
    expect(await table.group.write(write('a'))).toBe('written');
    expect(table.batches).toHaveLength(3);
    expect(table.pauses).toEqual([10, 20]);
  });

  test('a database that stays busy is unavailable after a bounded number of tries', async () => {
    const table = makeTable(Array.from({ length: 100 }, () => 'busy' as const));
    await expect(table.group.write(write('a'))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(table.batches.length).toBeLessThan(10);
  });

  test('cut at COMMIT, the rows are there: they are read again and answered without a second writing', async () => {
    const table = makeTable(['cut-after']);
    expect(await Promise.all([write('a'), write('b')].map(table.group.write))).toEqual(['written', 'written']);
    expect(table.batches).toHaveLength(1);
    expect(table.rereads).toBe(1);
  });

  test('cut at COMMIT, the rows are not there: they are written again', async () => {
    const table = makeTable(['cut-before', 'cut-before']);
    expect(await Promise.all([write('a'), write('b')].map(table.group.write))).toEqual(['written', 'written']);
    expect(table.batches).toHaveLength(3);
  });

  test('cut at COMMIT and the database away then: StoreUnavailable at once', async () => {
    const table = makeTable(['cut-after']);
    const group = makeGroupCommit({
      ...table.plan,
      reread: () => Promise.reject(new DatabaseFault('unreachable', 'away')),
    });
    await expect(group.write(write('a'))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(table.pauses).toEqual([]);
  });

  test('a database that is away: StoreUnavailable for the batch and all who wait behind it; then it goes on', async () => {
    const table = makeTable(['unreachable']);
    const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => table.group.write(write(key)));
    for (const outcome of await Promise.allSettled(all)) {
      expect(outcome.status === 'rejected' && outcome.reason instanceof StoreUnavailable).toBe(true);
    }
    expect(table.batches).toHaveLength(1);
    expect(await table.group.write(write('g'))).toBe('written');
  });

  test('more than may wait are turned away at once', async () => {
    const table = makeTable();
    table.hold();
    const waiting = Array.from({ length: 10 }, (_, index) => table.group.write(write(`k${index}`)));
    await expect(table.group.write(write('more'))).rejects.toBeInstanceOf(StoreUnavailable);
    table.letGo();
    expect(await Promise.all(waiting)).toHaveLength(10);
  });

  describe('several batches at a time', () => {
    /** Commits end only when they are told to, by their number. */
    function makeSlowTable(given: Partial<GroupCommitPlan<Write>> = {}) {
      const table = makeTable();
      const ends: ((outcome: 'fine' | DatabaseFaultKind) => void)[] = [];
      const group = makeGroupCommit({
        ...table.plan,
        maxUnderWay: 2,
        worthAnother: 2,
        async commit(writes) {
          table.batches.push([...writes]);
          const outcome = await new Promise<'fine' | DatabaseFaultKind>((resolve) => ends.push(resolve));
          if (outcome !== 'fine') throw new DatabaseFault(outcome, 'scripted');
          return writes.map(() => 'written' as const);
        },
        ...given,
      });
      const batches = () => table.batches.map((batch) => batch.map(({ key, value }) => `${key}${value}`));
      return { group, ends, batches };
    }
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const turns = async () => {
      for (let index = 0; index < 4; index += 1) await turn();
    };

    test('the next one goes while one is being committed, if enough are waiting', async () => {
      const { group, ends, batches } = makeSlowTable();
      const first = group.write(write('a'));
      await turns();
      const second = group.write(write('b'));
      await turns();
      expect(batches()).toEqual([['a1']]);
      const third = group.write(write('c'));
      await turns();
      expect(batches()).toEqual([['a1'], ['b1', 'c1']]);
      void group.write(write('d'));
      void group.write(write('e'));
      await turns();
      expect(batches()).toHaveLength(2);
      ends[1]?.('fine');
      expect(await Promise.all([second, third])).toEqual(['written', 'written']);
      await turns();
      expect(batches()).toEqual([['a1'], ['b1', 'c1'], ['d1', 'e1']]);
      ends[0]?.('fine');
      expect(await first).toBe('written');
      ends[2]?.('fine');
      await group.idle();
    });

    test('a key is never in two batches: its next write waits until the one before is answered', async () => {
      const { group, ends, batches } = makeSlowTable();
      const order: string[] = [];
      const note = (name: string) => () => void order.push(name);
      const all = [
        group.write(write('a', 1)).then(note('a1')),
        group.write(write('a', 2)).then(note('a2')),
        group.write(write('b', 1)).then(note('b1')),
      ];
      await turns();
      all.push(group.write(write('a', 3)).then(note('a3')));
      all.push(group.write(write('c', 1)).then(note('c1')), group.write(write('d', 1)).then(note('d1')));
      await turns();
      expect(batches()).toEqual([
        ['a1', 'b1'],
        ['c1', 'd1'],
      ]);
      ends[1]?.('fine');
      await turns();
      expect(order).toEqual(['c1', 'd1']);
      ends[0]?.('fine');
      await turns();
      expect(batches().slice(2)).toEqual([['a2']]);
      ends[2]?.('fine');
      await turns();
      ends[3]?.('fine');
      await Promise.all(all);
      expect(order).toEqual(['c1', 'd1', 'a1', 'b1', 'a2', 'a3']);
    });

    test('a database that is away fails those that wait, not those whose commit is still under way', async () => {
      const { group, ends } = makeSlowTable();
      const outcomes: string[] = [];
      const follow = (name: string) => {
        const note = (what: string) => () => void outcomes.push(`${name} ${what}`);
        return group.write(write(name)).then(note('written'), note('failed'));
      };
      const first = follow('a');
      await turns();
      const later = ['b', 'c', 'b', 'd', 'a'].map(follow);
      await turns();
      ends[1]?.('unreachable');
      await turns();
      expect(outcomes.sort()).toEqual(['b failed', 'b failed', 'c failed', 'd failed']);
      ends[0]?.('fine');
      await first;
      await turns();
      ends[2]?.('fine');
      await Promise.all(later);
      expect(outcomes.slice(4)).toEqual(['a written', 'a written']);
      expect(group.waiting).toBe(0);
    });

    test('when another process has taken the role, nothing is tried again', async () => {
      const { group, ends, batches } = makeSlowTable();
      const refused = group.write(write('a'));
      await turns();
      ends[0]?.('not-ours');
      await expect(refused).rejects.toBeInstanceOf(StoreUnavailable);
      expect(batches()).toEqual([['a1']]);
    });

    test('when enough have come they go at once, while the rest of the turn is read; not above what may be under way', async () => {
      const { group, batches } = makeSlowTable({ enough: 3 });
      for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) void group.write(write(key));
      expect(batches()).toEqual([
        ['a1', 'b1', 'c1'],
        ['d1', 'e1', 'f1'],
      ]);
      await turns();
      expect(batches()).toHaveLength(2);
    });

    test('any order of keys and of endings: all are answered, each key in its order', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 10 }),
          fc.infiniteStream(fc.boolean()),
          async (keys, coins) => {
            const { group, ends } = makeSlowTable({ maxUnderWay: 3, worthAnother: 1, enough: 2, maxBatch: 2 });
            const answered: string[] = [];
            const all = keys.map((key, index) =>
              group.write(write(key, index)).then(() => answered.push(`${key}${index}`)),
            );
            while (group.waiting > 0) {
              await turn();
              const end = coins.next().value === true ? ends.shift() : ends.pop();
              end?.('fine');
            }
            await Promise.all(all);
            for (const key of new Set(keys)) {
              const mine = answered.filter((name) => name.startsWith(key));
              const given = keys.flatMap((one, index) => (one === key ? [`${key}${index}`] : []));
              expect(mine).toEqual(given);
            }
          },
        ),
      );
    });
  });

  test('a bug is thrown to the callers as it is, and the group goes on', async () => {
    const table = makeTable();
    let broken = true;
    const group = makeGroupCommit({
      ...table.plan,
      commit: (writes) => (broken ? Promise.reject(new TypeError('a bug')) : table.plan.commit(writes)),
    });
    await expect(group.write(write('a'))).rejects.toBeInstanceOf(TypeError);
    broken = false;
    expect(await group.write(write('a'))).toBe('written');
    await group.idle();
  });
});
