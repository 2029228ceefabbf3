/** Change: the journal. Each reading is a statement of its own, and so a new snapshot. */
import type { Journal, JournalRow } from '../store.ts';
import { noteChanges, readChange } from './changes.ts';
import type { Attempt, Database } from './database.ts';

interface ChangeRow {
  readonly id: bigint;
  readonly at: bigint;
  readonly kind: string;
  readonly subject: string;
  readonly event: string;
}

export function makeJournal({ client, executor }: Database, attempt: Attempt): Journal {
  return {
    async after(after, limit) {
      const query = { where: { id: { gt: BigInt(after) } }, orderBy: { id: 'asc' as const }, take: limit };
      return (await attempt(() => client.change.findMany(query))).map(readRow);
    },
    async byId(ids) {
      if (ids.length === 0) return [];
      const query = { where: { id: { in: ids.map(BigInt) } }, orderBy: { id: 'asc' as const } };
      return (await attempt(() => client.change.findMany(query))).map(readRow);
    },
    async span() {
      const { _min, _max } = await attempt(() => client.change.aggregate({ _min: { id: true }, _max: { id: true } }));
      if (_min.id === null || _max.id === null) return undefined;
      return { oldest: Number(_min.id), newest: Number(_max.id) };
    },
    async append(changes, at) {
      if (changes.length === 0) return;
      await attempt(() => executor.transaction((statements) => noteChanges(statements, changes, at)));
    },
    async purge(before) {
      return (await attempt(() => client.change.deleteMany({ where: { at: { lt: BigInt(before) } } }))).count;
    },
  };
}

function readRow({ id, at, kind, subject, event }: ChangeRow): JournalRow {
  return { id: Number(id), at: Number(at), change: readChange(kind, subject, event) };
}
