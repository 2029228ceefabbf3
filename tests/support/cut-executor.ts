/** A database whose connection is cut at COMMIT, just before it takes effect or just after. */
import { DatabaseFault } from '../../services/store/database-fault.ts';
import type { Database } from '../../services/store/prisma/database.ts';
import type { Executor } from '../../services/store/prisma/executor.ts';

/** `after-commit-and-away`: and from then on nothing can be read or written. */
export type Cut = 'before-commit' | 'after-commit' | 'after-commit-and-away';

export interface CutDatabase extends Database {
  /** The next transactions meet these, in order. */
  readonly cuts: Cut[];
  /** While true, nothing can be read or written. */
  away: boolean;
  readonly transactions: number;
}

export function makeCutDatabase(database: Database): CutDatabase {
  const { executor } = database;
  const cuts: Cut[] = [];
  let transactions = 0;
  const reachable = (): void => {
    if (cut.away) throw new DatabaseFault('unreachable', 'away');
  };
  const cutting: Executor = {
    dialect: executor.dialect,
    async query(sql, values) {
      reachable();
      return executor.query(sql, values);
    },
    async writeAll(work, onlyWhile) {
      reachable();
      transactions += 1;
      const next = cuts.shift();
      if (next === undefined) return executor.writeAll(work, onlyWhile);
      if (next !== 'before-commit' && (await executor.writeAll(work, onlyWhile)) === 'not-all') {
        // Rolled back before any COMMIT: what is done instead is to meet the cut.
        cuts.unshift(next);
        return 'not-all';
      }
      if (next === 'after-commit-and-away') cut.away = true;
      throw new DatabaseFault('outcome-unknown', next);
    },
    async transaction(work) {
      reachable();
      transactions += 1;
      const next = cuts.shift();
      if (next === undefined) return executor.transaction(work);
      if (next !== 'before-commit') await executor.transaction(work);
      else {
        await executor
          .transaction(async (statements) => {
            await work(statements);
            throw new DatabaseFault('outcome-unknown', 'rolled back');
          })
          .catch(() => undefined);
      }
      throw new DatabaseFault('outcome-unknown', next);
    },
  };
  const cut = {
    ...database,
    executor: cutting,
    cuts,
    away: false,
    get transactions() {
      return transactions;
    },
  };
  return cut;
}
