import type { Change } from '#model';
import { type Journal, type JournalRow, StoreUnavailable } from '#store';
import type { FakeClock } from '../../../support/fake-clock.ts';

/** A journal like a database's: ids are taken at INSERT and become visible at COMMIT, in whatever order. */
export interface JournalByHand extends Journal {
  /** Takes the next id. The row is seen after `commit`, and never after `rollback`. */
  insert(subject: string, change?: Change): Insert;
  /** Inserts and commits. */
  write(subject: string, change?: Change): void;
  /** Moves the counter on, as rolled-back work does. */
  skip(ids: number): void;
  /** A database restored from an older copy. */
  restart(): void;
  away: boolean;
  readonly asked: { readonly after: number[]; readonly byId: (readonly number[])[]; readonly purge: number[] };
  /** Run before each read takes its snapshot. */
  beforeRead: () => void | Promise<void>;
}

export interface Insert {
  commit(): void;
  rollback(): void;
}

export function makeJournalByHand(clock: FakeClock): JournalByHand {
  let rows: JournalRow[] = [];
  let lastId = 0;
  const asked = { after: [] as number[], byId: [] as (readonly number[])[], purge: [] as number[] };

  async function reach(): Promise<void> {
    await journal.beforeRead();
    if (journal.away) throw new StoreUnavailable('away');
  }

  const journal: JournalByHand = {
    away: false,
    asked,
    beforeRead: () => undefined,
    insert(subject, change = { kind: 'rules', subject }) {
      lastId += 1;
      const row = { id: lastId, at: clock.now(), change };
      return {
        commit() {
          rows = [...rows, row].sort((one, other) => one.id - other.id);
        },
        rollback: () => undefined,
      };
    },
    write(subject, change) {
      journal.insert(subject, change).commit();
    },
    skip(ids) {
      lastId += ids;
    },
    restart() {
      rows = [];
      lastId = 0;
    },
    async after(after, limit) {
      asked.after.push(after);
      await reach();
      return rows.filter((row) => row.id > after).slice(0, limit);
    },
    async byId(ids) {
      asked.byId.push(ids);
      await reach();
      return rows.filter((row) => ids.includes(row.id));
    },
    async span() {
      await reach();
      const first = rows[0];
      const last = rows.at(-1);
      return first === undefined || last === undefined ? undefined : { oldest: first.id, newest: last.id };
    },
    async append(changes) {
      for (const change of changes) journal.write(change.subject, change);
    },
    async purge(before) {
      asked.purge.push(before);
      await reach();
      const had = rows.length;
      rows = rows.filter((row) => row.at >= before);
      return had - rows.length;
    },
  };
  return journal;
}
