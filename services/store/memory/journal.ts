import type { Change } from '#model';
import type { Clock } from '#runtime';
import type { Journal, JournalRow } from '../store.ts';

export type Note = (change: Change) => void;

export function makeMemoryJournal(clock: Clock): { readonly journal: Journal; readonly note: Note } {
  let rows: JournalRow[] = [];
  let lastId = 0;
  const add = (change: Change, at: number): void => {
    lastId += 1;
    rows.push({ id: lastId, at, change });
  };
  const journal: Journal = {
    async after(after, limit) {
      return rows.filter((row) => row.id > after).slice(0, limit);
    },
    async byId(ids) {
      const wanted = new Set(ids);
      return rows.filter((row) => wanted.has(row.id));
    },
    async span() {
      const oldest = rows[0];
      const newest = rows.at(-1);
      return oldest === undefined || newest === undefined ? undefined : { oldest: oldest.id, newest: newest.id };
    },
    async append(changes, at) {
      for (const change of changes) add(change, at);
    },
    async purge(before) {
      const had = rows.length;
      rows = rows.filter((row) => row.at >= before);
      return had - rows.length;
    },
  };
  return { journal, note: (change) => add(change, clock.now()) };
}
