/** Pdata: publications, committed in groups. */
import type { Aor, EntityTag, Publication } from '#model';
import { makeGroupCommit } from '../group-commit.ts';
import { fitsPublication, isTag } from '../limits.ts';
import type { Publications, PublicationWrite, WriteOutcome } from '../store.ts';
import { type Attempt, pause } from './database.ts';
import { toBytes, toNumber, toText } from './decode.ts';
import type { Executor, Row, RowStatement, Statements, Value } from './executor.ts';
import { groupOn } from './group.ts';
import { readSoftState } from './soft-state.ts';
import { changing, deleting, forUpdate, inShareMode, inserting, marks, padded } from './statements.ts';
import { commitGroup, type WriteGuard, writeRowByRow } from './write-group.ts';

const COLUMNS = [
  'id',
  'presentity',
  'event',
  'etag',
  'contentType',
  'body',
  'publisher',
  'userAgent',
  'modifiedAt',
  'expiresAt',
  'createdAt',
  'origin',
] as const;
const INSERT = inserting('Pdata', COLUMNS);
const REPLACE = changeOf(['etag', 'contentType', 'body', 'userAgent', 'modifiedAt', 'expiresAt']);
const REFRESH = changeOf(['etag', 'expiresAt']);
const REMOVE = deleting('Pdata', 'etag');

function changeOf(set: readonly string[]): RowStatement {
  return changing({ table: 'Pdata', columns: COLUMNS, set, expected: { column: 'etag', broughtIn: 'origin' } });
}

export function makePublications(
  executor: Executor,
  attempt: Attempt,
  guard: WriteGuard,
): Omit<Publications, 'writeFromOutside'> {
  const group = makeGroupCommit<PublicationWrite>({
    ...groupOn(executor.dialect),
    keyOf,
    bytesOf: (write) =>
      write.kind === 'remove' || write.kind === 'refresh' ? 128 : 512 + write.publication.body.length,
    commit: (writes) => commitGroup({ executor, guard, statementOf, decide }, writes),
    reread: (writes) => reread(executor, writes),
    pause,
  });
  return {
    async write(write) {
      if (write.kind !== 'remove' && !fitsPublication(write.publication)) return 'refused';
      if (write.kind !== 'insert' && !isTag(write.expected)) return 'stale';
      return attempt(() => group.write(write));
    },
    ...readSoftState(executor, attempt, { name: 'Pdata', columns: COLUMNS, orderBy: 'modifiedAt', readRow }),
  };
}

/** Each statement decides for its row: it changes it only where it stands as expected. */
function statementOf(write: PublicationWrite): readonly [statement: RowStatement, values: readonly Value[]] {
  if (write.kind === 'remove') return [REMOVE, [write.id, write.expected]];
  const { publication: row } = write;
  switch (write.kind) {
    case 'insert':
      return [INSERT, valuesOf(row)];
    case 'refresh':
      return [REFRESH, [row.etag, row.expiresAt, row.id, write.expected]];
    case 'replace':
      return [
        REPLACE,
        [
          row.etag,
          row.contentType,
          bytesOf(row.body),
          row.userAgent,
          row.modifiedAt,
          row.expiresAt,
          row.id,
          write.expected,
        ],
      ];
  }
}

/** In a transaction of somebody's, whoever holds the role. */
export function commitPublications(
  executor: Executor,
  statements: Statements,
  writes: readonly PublicationWrite[],
): Promise<readonly WriteOutcome[]> {
  return writeRowByRow({ executor, guard: { onlyWhile: undefined }, statementOf, decide }, statements, writes);
}

/** Where not all of a group stand as expected: locks and reads them, and tells which do. */
async function decide(
  { dialect }: Executor,
  statements: Statements,
  writes: readonly PublicationWrite[],
): Promise<readonly WriteOutcome[]> {
  const stands = await readTags(statements, writes, forUpdate(dialect));
  return writes.map((write): WriteOutcome => {
    const tag = stands.get(keyOf(write));
    return (write.kind === 'insert' ? tag === undefined : tag === write.expected) ? 'written' : 'stale';
  });
}

/**
 * After a connection was cut at COMMIT. An entity-tag is never given twice, so a row that carries the new one was
 * written. A row to remove that is gone is gone, whoever did it.
 */
async function reread(
  executor: Executor,
  writes: readonly PublicationWrite[],
): Promise<readonly (WriteOutcome | undefined)[]> {
  const stands = await readTags(executor, writes, inShareMode(executor.dialect));
  return writes.map((write) => {
    const tag = stands.get(keyOf(write));
    if (write.kind === 'remove') return tag === undefined ? 'written' : undefined;
    return tag === write.publication.etag ? 'written' : undefined;
  });
}

async function readTags(
  statements: Pick<Statements, 'query'>,
  writes: readonly PublicationWrite[],
  lock: string,
): Promise<ReadonlyMap<string, EntityTag>> {
  const ids = padded(writes.map(keyOf));
  const sql = `SELECT \`id\`, \`etag\` FROM \`Pdata\` WHERE \`id\` IN (${marks(ids.length)})${lock}`;
  const rows = await statements.query(sql, ids);
  return new Map(rows.map(([id, etag]) => [toText(id), toText(etag) as EntityTag]));
}

function keyOf(write: PublicationWrite): string {
  return write.kind === 'remove' ? write.id : write.publication.id;
}

function valuesOf(row: Publication): readonly Value[] {
  return [
    row.id,
    row.presentity,
    row.event,
    row.etag,
    row.contentType,
    bytesOf(row.body),
    row.publisher,
    row.userAgent,
    row.modifiedAt,
    row.expiresAt,
    row.createdAt ?? 0,
    row.origin ?? '',
  ];
}

function bytesOf(body: Uint8Array): Buffer {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function readRow(row: Row): Publication {
  const [id, presentity, event, etag, contentType, body, publisher, userAgent, modifiedAt, expiresAt, created, of] =
    row;
  const createdAt = toNumber(created);
  const origin = toText(of);
  return {
    id: toText(id),
    presentity: toText(presentity) as Aor,
    event: toText(event),
    etag: toText(etag) as EntityTag,
    contentType: toText(contentType),
    body: toBytes(body),
    publisher: toText(publisher) as Aor,
    userAgent: toText(userAgent),
    modifiedAt: toNumber(modifiedAt),
    expiresAt: toNumber(expiresAt),
    ...(createdAt === 0 ? {} : { createdAt }),
    ...(origin === '' ? {} : { origin }),
  };
}

/** For whoever reads or writes whole tables. */
export const PUBLICATION = { columns: COLUMNS, readRow, valuesOf } as const;
