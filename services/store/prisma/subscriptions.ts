/** Subscription: live subscriptions with their dialogs, committed in groups. */
import type { Aor, Permission, Subscription } from '#model';
import { makeGroupCommit } from '../group-commit.ts';
import { fitsSubscription, isId } from '../limits.ts';
import type { Subscriptions, SubscriptionWrite, WriteOutcome } from '../store.ts';
import { type Attempt, pause } from './database.ts';
import { toNumber, toText } from './decode.ts';
import type { Executor, Row, Statements, Value } from './executor.ts';
import { GROUP } from './group.ts';
import { forUpdate, inBatches, inPieces, insertSql, marks, padded, quoted, upsertSql } from './statements.ts';

const COLUMNS = [
  'id',
  'presentity',
  'event',
  'eventId',
  'watcher',
  'state',
  'permission',
  'contentType',
  'callId',
  'localTag',
  'remoteTag',
  'localUri',
  'remoteUri',
  'remoteTarget',
  'routeSet',
  'remoteCseq',
  'reservedCseq',
  'flow',
  'userAgent',
  'told',
  'createdAt',
  'expiresAt',
] as const;
const SELECT = `SELECT ${quoted(COLUMNS)} FROM \`Subscription\``;
const PAGE = 1000;

export function makeSubscriptions(executor: Executor, attempt: Attempt): Subscriptions {
  const group = makeGroupCommit<SubscriptionWrite>({
    ...GROUP,
    keyOf,
    bytesOf: () => 2048,
    commit: (writes) => executor.transaction((statements) => commit(executor, statements, writes)),
    reread: (writes) => reread(executor, writes),
    pause,
  });
  return {
    async write(write) {
      if (write.kind !== 'remove' && !fitsSubscription(write.subscription)) return 'refused';
      return attempt(() => group.write(write));
    },
    async markTold(marksOfTold) {
      for (const batch of inBatches([...marksOfTold])) await attempt(() => markTold(executor, batch));
    },
    async *all() {
      for (let after = ''; ; ) {
        const from = after;
        const sql = `${SELECT} WHERE \`id\` > ? ORDER BY \`id\` LIMIT ${PAGE}`;
        const page = (await attempt(() => executor.query(sql, [from]))).map(readRow);
        if (page.length > 0) yield page;
        if (page.length < PAGE) return;
        after = page.at(-1)?.id ?? '';
      }
    },
    async find(id) {
      if (!isId(id)) return undefined;
      const [row] = await attempt(() => executor.query(`${SELECT} WHERE \`id\` = ?`, [id]));
      return row && readRow(row);
    },
    async of(presentity, now) {
      const sql = `${SELECT} WHERE \`presentity\` = ? AND \`expiresAt\` > ? ORDER BY \`createdAt\`, \`id\``;
      return (await attempt(() => executor.query(sql, [presentity, now]))).map(readRow);
    },
  };
}

/** Locks and reads the rows, decides, writes the survivors. */
async function commit(
  { dialect }: Executor,
  statements: Statements,
  writes: readonly SubscriptionWrite[],
): Promise<readonly WriteOutcome[]> {
  const stands = await readIds(statements, writes, forUpdate(dialect));
  const outcomes = writes.map(
    (write): WriteOutcome => (stands.has(keyOf(write)) === (write.kind !== 'insert') ? 'written' : 'stale'),
  );
  const survivors = writes.filter((_, index) => outcomes[index] === 'written');
  const inserted = survivors.flatMap((write) => (write.kind === 'insert' ? [write.subscription] : []));
  const updated = survivors.flatMap((write) => (write.kind === 'update' ? [write.subscription] : []));
  const removed = survivors.flatMap((write) => (write.kind === 'remove' ? [write.id] : []));
  for (const piece of inPieces(inserted)) {
    await statements.execute(insertSql('Subscription', COLUMNS, piece.length), piece.flatMap(valuesOf));
  }
  if (updated.length > 0) {
    const rows = padded(updated);
    await statements.execute(upsertSql(dialect, 'Subscription', COLUMNS, rows.length, ['id']), rows.flatMap(valuesOf));
  }
  if (removed.length > 0) {
    const ids = padded(removed);
    await statements.execute(`DELETE FROM \`Subscription\` WHERE \`id\` IN (${marks(ids.length)})`, ids);
  }
  return outcomes;
}

/** After a connection was cut at COMMIT. An update may be written twice, so it goes again without a question. */
async function reread(
  executor: Executor,
  writes: readonly SubscriptionWrite[],
): Promise<readonly (WriteOutcome | undefined)[]> {
  const stands = await readIds(executor, writes, '');
  return writes.map((write) => {
    if (write.kind === 'update') return undefined;
    return stands.has(keyOf(write)) === (write.kind === 'insert') ? 'written' : undefined;
  });
}

async function readIds(
  statements: Pick<Statements, 'query'>,
  writes: readonly SubscriptionWrite[],
  lock: string,
): Promise<ReadonlySet<string>> {
  const ids = padded(writes.map(keyOf));
  const sql = `SELECT \`id\` FROM \`Subscription\` WHERE \`id\` IN (${marks(ids.length)})${lock}`;
  return new Set((await statements.query(sql, ids)).map(([id]) => toText(id)));
}

async function markTold(executor: Executor, batch: readonly (readonly [string, string])[]): Promise<void> {
  const rows = padded(batch);
  const cases = 'WHEN ? THEN ? '.repeat(rows.length);
  const sql = `UPDATE \`Subscription\` SET \`told\` = CASE \`id\` ${cases}END WHERE \`id\` IN (${marks(rows.length)})`;
  await executor.transaction((statements) => statements.execute(sql, [...rows.flat(), ...rows.map(([id]) => id)]));
}

function keyOf(write: SubscriptionWrite): string {
  return write.kind === 'remove' ? write.id : write.subscription.id;
}

function valuesOf(row: Subscription): readonly Value[] {
  const { dialog } = row;
  return [
    row.id,
    row.presentity,
    row.event,
    row.eventId,
    row.watcher,
    row.state,
    row.permission,
    row.contentType,
    dialog.callId,
    dialog.localTag,
    dialog.remoteTag,
    dialog.localUri,
    dialog.remoteUri,
    dialog.remoteTarget,
    JSON.stringify(dialog.routeSet),
    dialog.remoteCseq,
    row.reservedCseq,
    dialog.flow,
    row.userAgent,
    row.told,
    row.createdAt,
    row.expiresAt,
  ];
}

function readRow(row: Row): Subscription {
  const text = (index: number): string => toText(row[index]);
  const number = (index: number): number => toNumber(row[index]);
  return {
    id: text(0),
    presentity: text(1) as Aor,
    event: text(2),
    eventId: text(3),
    watcher: text(4) as Aor,
    state: text(5) as Subscription['state'],
    permission: text(6) as Permission,
    contentType: text(7),
    dialog: {
      callId: text(8),
      localTag: text(9),
      remoteTag: text(10),
      localUri: text(11),
      remoteUri: text(12),
      remoteTarget: text(13),
      routeSet: JSON.parse(text(14)) as readonly string[],
      remoteCseq: number(15),
      flow: text(17),
    },
    reservedCseq: number(16),
    userAgent: text(18),
    told: text(19),
    createdAt: number(20),
    expiresAt: number(21),
  };
}

/** For whoever reads or writes whole tables. */
export const SUBSCRIPTION = { columns: COLUMNS, readRow, valuesOf } as const;
