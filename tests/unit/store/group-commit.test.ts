import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DatabaseFault, type DatabaseFaultKind } from '../../../services/store/database-fault.ts';
import { type GroupCommitPlan, makeGroupCommit } from '../../../services/store/group-commit.ts';
import { StoreUnavailable, type WriteOutcome } from '../../../services/store/store.ts';

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

  test('cut at COMMIT and not readable: StoreUnavailable, after bounded tries', async () => {
    const table = makeTable(['cut-after']);
    const group = makeGroupCommit({
      ...table.plan,
      reread: () => Promise.reject(new DatabaseFault('unreachable', 'away')),
    });
    await expect(group.write(write('a'))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(table.pauses.length).toBeLessThan(10);
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
