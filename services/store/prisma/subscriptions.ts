/** Subscription: live subscriptions with their dialogs, committed in groups. */
import type { Aor, Permission, Subscription } from '#model';
import { makeGroupCommit } from '../group-commit.ts';
import { fitsSubscription } from '../limits.ts';
import type { Subscriptions, SubscriptionWrite, WriteOutcome } from '../store.ts';
import { type Attempt, pause } from './database.ts';
import { toNumber, toText } from './decode.ts';
import type { Executor, Row, RowStatement, Statements, Value } from './executor.ts';
import { groupOn } from './group.ts';
import { itself, type Once, readSoftState } from './soft-state.ts';
import { changing, deleting, forUpdate, inShareMode, inserting, marks, padded } from './statements.ts';
import { commitGroup, type WriteGuard } from './write-group.ts';

const COLUMNS = [
  'id',
  'presentity',
  'event',
  'eventId',
  'watcher',
  'state',
  'permission',
  'cause',
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
type Column = (typeof COLUMNS)[number];
const INSERT = inserting('Subscription', COLUMNS);
const REMOVE = deleting('Subscription');
/** What an update may change. */
const MUTABLE: readonly Column[] = [
  'state',
  'permission',
  'cause',
  'contentType',
  'expiresAt',
  'userAgent',
  'reservedCseq',
  'told',
  'remoteCseq',
  'remoteTarget',
  'routeSet',
  'flow',
];
/** Sets of them, from the least: few, so that many updates share a statement. */
const WHOLE = updateOf(MUTABLE);
const UPDATES = [
  updateOf(['reservedCseq', 'told']),
  updateOf(['contentType', 'expiresAt', 'reservedCseq', 'remoteCseq']),
  updateOf(['contentType', 'expiresAt', 'reservedCseq', 'remoteCseq', 'remoteTarget', 'flow']),
  WHOLE,
];

export function makeSubscriptions(executor: Executor, attempt: Attempt, guard: WriteGuard): Subscriptions {
  const group = makeGroupCommit<SubscriptionWrite>({
    ...groupOn(executor.dialect),
    keyOf,
    bytesOf: () => 2048,
    commit: (writes) => commitGroup({ executor, guard, statementOf, decide }, writes),
    reread: (writes) => reread(executor, writes),
    pause,
  });
  return {
    async write(write) {
      if (write.kind !== 'remove' && !fitsSubscription(write.subscription)) return 'refused';
      return attempt(() => group.write(write));
    },
    ...readSoftState(executor, attempt, { name: 'Subscription', columns: COLUMNS, orderBy: 'createdAt', readRow }),
  };
}

function statementOf(write: SubscriptionWrite): readonly [statement: RowStatement, values: readonly Value[]] {
  switch (write.kind) {
    case 'insert':
      return [INSERT, valuesOf(write.subscription)];
    case 'update': {
      const { subscription, before } = write;
      const changed = MUTABLE.filter((column) => before === undefined || differs(column, before, subscription));
      const { columns, statement } =
        UPDATES.find((update) => changed.every((column) => update.columns.includes(column))) ?? WHOLE;
      return [statement, [...columns.map((column) => VALUE_OF[column](subscription)), subscription.id]];
    }
    case 'remove':
      return [REMOVE, [write.id]];
  }
}

interface Update {
  readonly columns: readonly Column[];
  readonly statement: RowStatement;
}

function updateOf(columns: readonly Column[]): Update {
  return { columns, statement: changing({ table: 'Subscription', columns: COLUMNS, set: columns }) };
}

function differs(column: Column, before: Subscription, after: Subscription): boolean {
  if (column === 'routeSet') return before.dialog.routeSet !== after.dialog.routeSet;
  return VALUE_OF[column](before) !== VALUE_OF[column](after);
}

/** Where not all of a group stand as expected: locks and reads them, and tells which do. */
async function decide(
  { dialect }: Executor,
  statements: Statements,
  writes: readonly SubscriptionWrite[],
): Promise<readonly WriteOutcome[]> {
  const stands = await readIds(statements, writes, forUpdate(dialect));
  return writes.map(
    (write): WriteOutcome => (stands.has(keyOf(write)) === (write.kind !== 'insert') ? 'written' : 'stale'),
  );
}

/** After a connection was cut at COMMIT. An update may be written twice, so it goes again without a question. */
async function reread(
  executor: Executor,
  writes: readonly SubscriptionWrite[],
): Promise<readonly (WriteOutcome | undefined)[]> {
  const stands = await readIds(executor, writes, inShareMode(executor.dialect));
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

function keyOf(write: SubscriptionWrite): string {
  return write.kind === 'remove' ? write.id : write.subscription.id;
}

const VALUE_OF: Readonly<Record<Column, (row: Subscription) => Value>> = {
  id: (row) => row.id,
  presentity: (row) => row.presentity,
  event: (row) => row.event,
  eventId: (row) => row.eventId,
  watcher: (row) => row.watcher,
  state: (row) => row.state,
  permission: (row) => row.permission,
  cause: (row) => row.cause,
  contentType: (row) => row.contentType,
  callId: ({ dialog }) => dialog.callId,
  localTag: ({ dialog }) => dialog.localTag,
  remoteTag: ({ dialog }) => dialog.remoteTag,
  localUri: ({ dialog }) => dialog.localUri,
  remoteUri: ({ dialog }) => dialog.remoteUri,
  remoteTarget: ({ dialog }) => dialog.remoteTarget,
  routeSet: ({ dialog }) => JSON.stringify(dialog.routeSet),
  remoteCseq: ({ dialog }) => dialog.remoteCseq,
  reservedCseq: (row) => row.reservedCseq,
  flow: ({ dialog }) => dialog.flow,
  userAgent: (row) => row.userAgent,
  told: (row) => row.told,
  createdAt: (row) => row.createdAt,
  expiresAt: (row) => row.expiresAt,
};

function valuesOf(row: Subscription): readonly Value[] {
  return COLUMNS.map((column) => VALUE_OF[column](row));
}

const NO_ROUTES: readonly string[] = Object.freeze([]);

function readRow(row: Row, once: Once = itself): Subscription {
  const text = (index: number): string => toText(row[index]);
  const number = (index: number): number => toNumber(row[index]);
  const presentity = once(text(1));
  const watcher = once(text(4));
  const localUri = text(12);
  const remoteUri = text(13);
  const routeSet = text(15);
  return {
    id: text(0),
    presentity: presentity as Aor,
    event: once(text(2)),
    eventId: text(3),
    watcher: watcher as Aor,
    state: once(text(5)) as Subscription['state'],
    permission: once(text(6)) as Permission,
    cause: once(text(7)) as Subscription['cause'],
    contentType: once(text(8)),
    dialog: {
      callId: text(9),
      localTag: text(10),
      remoteTag: text(11),
      localUri: localUri === presentity ? presentity : localUri,
      remoteUri: remoteUri === watcher ? watcher : remoteUri,
      remoteTarget: text(14),
      routeSet: routeSet === '[]' ? NO_ROUTES : (JSON.parse(routeSet) as readonly string[]),
      remoteCseq: number(16),
      flow: text(18),
    },
    reservedCseq: number(17),
    userAgent: once(text(19)),
    told: text(20),
    createdAt: number(21),
    expiresAt: number(22),
  };
}

/** For whoever reads or writes whole tables. */
export const SUBSCRIPTION = { columns: COLUMNS, readRow, valuesOf } as const;
