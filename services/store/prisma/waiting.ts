/** Waiting: questions that outlived their subscriptions, committed in groups. */
import type { Aor, WaitingSubscription } from '#model';
import { makeGroupCommit } from '../group-commit.ts';
import { fitsWaiting, isId } from '../limits.ts';
import type { Waitings, WaitingWrite, WriteOutcome } from '../store.ts';
import { type Attempt, pause } from './database.ts';
import { toNumber, toText } from './decode.ts';
import type { Executor, Row, Statements, Value } from './executor.ts';
import { GROUP } from './group.ts';
import { pages } from './pages.ts';
import { quoted, upsertSql } from './statements.ts';
import { type WriteGuard, writeRowByRow } from './write-group.ts';

const COLUMNS = ['id', 'presentity', 'event', 'watcher', 'userAgent', 'askedAt', 'expiresAt'] as const;
const KEY = ['presentity', 'event', 'watcher'] as const;
const SELECT = `SELECT ${quoted(COLUMNS)} FROM \`Waiting\``;
const REMOVE = 'DELETE FROM `Waiting` WHERE `id` = ?';

export function makeWaiting(executor: Executor, attempt: Attempt, guard: WriteGuard): Waitings {
  const keep = upsertSql(executor.dialect, 'Waiting', COLUMNS, 1, KEY);
  const needs = { executor, guard, statementOf, decide };

  /** Few are written at a time, and none depends on what stands. */
  function statementOf({ kind, waiting }: WaitingWrite): readonly [sql: string, values: readonly Value[]] {
    return kind === 'keep' ? [keep, valuesOf(waiting)] : [REMOVE, [waiting.id]];
  }

  const group = makeGroupCommit<WaitingWrite>({
    ...GROUP,
    keyOf: ({ waiting: { presentity, event, watcher } }) => `${presentity} ${event} ${watcher}`,
    bytesOf: () => 1024,
    commit: (writes) => executor.transaction((statements) => writeRowByRow(needs, statements, writes)),
    // Written twice it is the same.
    reread: async (writes) => writes.map(() => undefined),
    pause,
  });
  return {
    async write(write) {
      if (write.kind === 'keep' && !fitsWaiting(write.waiting)) return 'refused';
      return (await attempt(() => group.write(write))) === 'refused' ? 'refused' : 'written';
    },
    async *all() {
      const query: Statements['query'] = (sql, values) => attempt(() => executor.query(sql, values));
      for await (const page of pages({ query }, SELECT)) yield page.map(readRow);
    },
    async find(id) {
      if (!isId(id)) return undefined;
      const [row] = await attempt(() => executor.query(`${SELECT} WHERE \`id\` = ?`, [id]));
      return row && readRow(row);
    },
    async of(presentity, now) {
      const sql = `${SELECT} WHERE \`presentity\` = ? AND \`expiresAt\` > ? ORDER BY \`askedAt\`, \`id\``;
      return (await attempt(() => executor.query(sql, [presentity, now]))).map(readRow);
    },
  };
}

async function decide(
  _executor: Executor,
  _statements: Statements,
  writes: readonly WaitingWrite[],
): Promise<readonly WriteOutcome[]> {
  return writes.map(() => 'written');
}

function valuesOf(row: WaitingSubscription): readonly Value[] {
  return [row.id, row.presentity, row.event, row.watcher, row.userAgent, row.askedAt, row.expiresAt];
}

function readRow([id, presentity, event, watcher, userAgent, askedAt, expiresAt]: Row): WaitingSubscription {
  return {
    id: toText(id),
    presentity: toText(presentity) as Aor,
    event: toText(event),
    watcher: toText(watcher) as Aor,
    userAgent: toText(userAgent),
    askedAt: toNumber(askedAt),
    expiresAt: toNumber(expiresAt),
  };
}

/** For whoever reads or writes whole tables. */
export const WAITING = { columns: COLUMNS, readRow, valuesOf } as const;
