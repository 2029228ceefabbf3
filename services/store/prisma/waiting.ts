/** Waiting: questions that outlived their subscriptions, committed in groups. */
import type { Aor, WaitingSubscription } from '#model';
import { makeGroupCommit } from '../group-commit.ts';
import { fitsWaiting } from '../limits.ts';
import type { Waitings, WaitingWrite } from '../store.ts';
import { type Attempt, pause } from './database.ts';
import { toNumber, toText } from './decode.ts';
import type { Executor, Row, Value } from './executor.ts';
import { groupOn } from './group.ts';
import { readSoftState } from './soft-state.ts';
import { upsertSql } from './statements.ts';
import { type WriteGuard, writeRowByRow } from './write-group.ts';

const COLUMNS = ['id', 'presentity', 'event', 'watcher', 'userAgent', 'askedAt', 'expiresAt'] as const;
const KEY = ['presentity', 'event', 'watcher'] as const;
const REMOVE = { sql: 'DELETE FROM `Waiting` WHERE `id` = ?' };

export function makeWaiting(executor: Executor, attempt: Attempt, guard: WriteGuard): Waitings {
  const keep = { sql: upsertSql(executor.dialect, 'Waiting', COLUMNS, 1, KEY) };
  const needs = { executor, guard, statementOf };

  /** Few are written at a time, and none depends on what stands. */
  function statementOf({
    kind,
    waiting,
  }: WaitingWrite): readonly [statement: { readonly sql: string }, values: readonly Value[]] {
    return kind === 'keep' ? [keep, valuesOf(waiting)] : [REMOVE, [waiting.id]];
  }

  const group = makeGroupCommit<WaitingWrite>({
    ...groupOn(executor.dialect),
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
    ...readSoftState(executor, attempt, { name: 'Waiting', columns: COLUMNS, orderBy: 'askedAt', readRow }),
  };
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
