/** Every table, read as it stood at one moment or replaced as a whole: back-up and restore. */
import type { Aor } from '#model';
import type { Clock } from '#runtime';
import { type Checked, checkArchiveRow } from '../archive-order.ts';
import { type Archive, type ArchiveRow, type SealedCredential, StoreUnavailable } from '../store.ts';
import { insertCredentials, readIds } from './account-import.ts';
import { readAccount, readCredential } from './accounts.ts';
import { FACTOR, PASSKEY, readIdentity } from './archive-identity.ts';
import { noteChanges } from './changes.ts';
import type { Attempt, Database } from './database.ts';
import { toNumber, toText } from './decode.ts';
import type { Row, Statements, Value } from './executor.ts';
import { pages, type Queries } from './pages.ts';
import { insertPersonal, readPersonal } from './personal/archive.ts';
import { PUBLICATION } from './publications.ts';
import { RULE } from './rules.ts';
import { inBatches, inPieces, insertSql, marks, padded, quoted } from './statements.ts';
import { SUBSCRIPTION } from './subscriptions.ts';
import { WAITING } from './waiting.ts';

type RowOf<T extends ArchiveRow['table']> = Extract<ArchiveRow, { readonly table: T }>;

const LOGIN = ['aor', 'username', 'domain', 'passwordHash', 'disabled', 'createdAt', 'admin'] as const;
/** In an order in which nothing refers to what is gone. */
const TABLES = [
  'Session',
  'SecondFactor',
  'RecoveryCode',
  'Passkey',
  'Invitation',
  'Acl',
  'GroupMember',
  'ContactGroup',
  'Preference',
  'Sighting',
  'Availability',
  'PastWatcher',
  'Ticket',
  'Credential',
  'Login',
  'Eventloader',
  'Events',
  'Pdata',
  'Subscription',
  'Waiting',
  'Setting',
] as const;
const DELETED_AT_ONCE = 20_000;

export function makeArchive({ executor, snapshot }: Database, attempt: Attempt, clock: Clock): Archive {
  return {
    async isEmpty() {
      const sql =
        'SELECT EXISTS (SELECT 1 FROM `Login`) + EXISTS (SELECT 1 FROM `Pdata`) + EXISTS (SELECT 1 FROM `Subscription`)';
      const [row] = await attempt(() => executor.query(sql, []));
      return toNumber(row?.[0]) === 0;
    },
    read(take) {
      let begun = false;
      return attempt(async () => {
        // What was handed over cannot be taken back: a second beginning would hand it over twice.
        if (begun) throw new StoreUnavailable('the database was away while it was read');
        begun = true;
        await snapshot((queries) => readAll(queries, take));
      });
    },
    replace: (rows) =>
      attempt(() =>
        executor.transaction(async (statements) => {
          for (const table of TABLES) await clear(statements, executor.dialect, table);
          const checked: Checked = { accounts: new Set(), events: new Set() };
          for await (const page of rows()) {
            for (const row of page) checkArchiveRow(row, checked);
            await insertPage(statements, page);
          }
          await noteChanges(statements, [{ kind: 'everything', subject: '' }], clock.now());
        }),
      ),
  };
}

async function readAll(queries: Queries, take: (rows: readonly ArchiveRow[]) => Promise<void>): Promise<void> {
  const settings = await queries.query('SELECT `name`, `value` FROM `Setting` ORDER BY `name`', []);
  await take(settings.map(([name, value]) => ({ table: 'setting', name: toText(name), value: toText(value) })));
  const packages = await queries.query(
    'SELECT `event`, `eventpack`, `enabled` FROM `Eventloader` ORDER BY `event`',
    [],
  );
  await take(
    packages.map(([event, module, enabled]) => ({
      table: 'package',
      row: { event: toText(event), module: toText(module), enabled: toNumber(enabled) !== 0 },
    })),
  );
  for await (const page of pages(
    queries,
    'SELECT l.`id`, l.`aor`, l.`username`, l.`domain`, l.`createdAt`, l.`disabled`, l.`admin`, l.`passwordHash` FROM `Login` l',
    'l.`id`',
    0,
  )) {
    await take(await accountsOf(queries, page));
  }
  await readIdentity(queries, take);
  await readPersonal(queries, take);
  for await (const page of pages(
    queries,
    'SELECT a.`id`, l.`aor`, a.`subscriber`, a.`event`, a.`permission`, a.`fromAt`, a.`untilAt` FROM `Acl` a JOIN `Login` l ON l.`id` = a.`ownerId`',
    'a.`id`',
    0,
  )) {
    await take(page.map(([, ...row]) => ({ table: 'rule', rule: RULE.readRow(row) })));
  }
  for await (const page of pages(queries, `SELECT ${quoted(PUBLICATION.columns)} FROM \`Pdata\``)) {
    await take(page.map((row) => ({ table: 'publication', publication: PUBLICATION.readRow(row) })));
  }
  for await (const page of pages(queries, `SELECT ${quoted(SUBSCRIPTION.columns)} FROM \`Subscription\``)) {
    await take(page.map((row) => ({ table: 'subscription', subscription: SUBSCRIPTION.readRow(row) })));
  }
  for await (const page of pages(queries, `SELECT ${quoted(WAITING.columns)} FROM \`Waiting\``)) {
    await take(page.map((row) => ({ table: 'waiting', waiting: WAITING.readRow(row) })));
  }
}

async function accountsOf(queries: Queries, page: readonly Row[]): Promise<readonly ArchiveRow[]> {
  const ids = padded(page.map(([id]) => toNumber(id)));
  const sql =
    'SELECT `loginId`, 0, `username`, `realm`, `algorithm`, `sealedHa1`, `keyId`, `label`, `createdAt` FROM `Credential`' +
    ` WHERE \`revokedAt\` IS NULL AND \`loginId\` IN (${marks(ids.length)}) ORDER BY \`id\``;
  const credentials = new Map<number, SealedCredential[]>(ids.map((id) => [id, []]));
  for (const row of await queries.query(sql, ids)) credentials.get(toNumber(row[0]))?.push(readCredential(row));
  return page.map(([id, ...row]) => ({
    table: 'account',
    account: readAccount(row),
    passwordHash: row[6] === null ? undefined : toText(row[6]),
    credentials: credentials.get(toNumber(id)) ?? [],
  }));
}

/** On MySQL a piece at a time: a connection on which nothing moves for long is cut. */
async function clear(statements: Statements, dialect: 'mysql' | 'sqlite', table: string): Promise<void> {
  const sql = `DELETE FROM \`${table}\`${dialect === 'mysql' ? ` LIMIT ${DELETED_AT_ONCE}` : ''}`;
  while ((await statements.execute(sql, [])) > 0);
}

async function insertPage(statements: Statements, page: readonly ArchiveRow[]): Promise<void> {
  const of = <T extends ArchiveRow['table']>(table: T): readonly RowOf<T>[] =>
    page.filter((row): row is RowOf<T> => row.table === table);
  const insert = async <T>(
    table: string,
    columns: readonly string[],
    rows: readonly T[],
    valuesOf: (row: T) => readonly Value[],
  ): Promise<void> => {
    for (const piece of inPieces(rows)) {
      await statements.execute(insertSql(table, columns, piece.length), piece.flatMap(valuesOf));
    }
  };
  await insert('Setting', ['name', 'value'], of('setting'), ({ name, value }) => [name, value]);
  await insert('Events', ['name'], of('package'), ({ row }) => [row.event]);
  await insert('Eventloader', ['event', 'eventpack', 'enabled'], of('package'), ({ row }) => [
    row.event,
    row.module,
    row.enabled ? 1 : 0,
  ]);
  await insert('Login', LOGIN, of('account'), ({ account, passwordHash }) => [
    account.aor,
    account.username,
    account.domain,
    passwordHash ?? null,
    account.disabled ? 1 : 0,
    account.createdAt,
    account.admin === true ? 1 : 0,
  ]);
  const owners = [
    ...of('account').map(({ account }) => account.aor),
    ...of('rule').map(({ rule }) => rule.owner),
    ...of('second-factor').map(({ aor }) => aor),
    ...of('passkey').map(({ passkey }) => passkey.aor),
    ...of('group').map(({ group }) => group.owner),
    ...of('preference').map(({ owner }) => owner),
  ];
  const ids = new Map<string, number>();
  for (const batch of inBatches([...new Set(owners)], 1024)) {
    for (const [aor, id] of await readIds(statements, padded(batch))) ids.set(aor, id);
  }
  const idOf = (aor: Aor): number => ids.get(aor) ?? 0;
  await insertCredentials(
    statements,
    of('account').flatMap(({ account, credentials }) =>
      credentials.map((credential) => ({ ...credential, loginId: idOf(account.aor) })),
    ),
  );
  await insert('SecondFactor', FACTOR, of('second-factor'), ({ aor, factor }) => [
    idOf(aor),
    Buffer.from(factor.sealed),
    factor.keyId,
    factor.since,
    factor.lastStep,
  ]);
  await insert(
    'RecoveryCode',
    ['loginId', 'hash'],
    of('second-factor').flatMap(({ aor, factor }) => factor.recoveryHashes.map((hash) => [idOf(aor), hash] as const)),
    (values) => values,
  );
  await insert('Passkey', PASSKEY, of('passkey'), ({ passkey }) => [
    passkey.id,
    idOf(passkey.aor),
    Buffer.from(passkey.publicKey),
    passkey.counter,
    passkey.transports,
    passkey.label,
    passkey.createdAt,
    passkey.lastUsedAt ?? null,
  ]);
  await insertPersonal(statements, page, idOf);
  await insert('Acl', RULE.columns, of('rule'), ({ rule }) => RULE.valuesOf(idOf(rule.owner), rule));
  await insert('Pdata', PUBLICATION.columns, of('publication'), ({ publication }) => PUBLICATION.valuesOf(publication));
  await insert('Subscription', SUBSCRIPTION.columns, of('subscription'), ({ subscription }) =>
    SUBSCRIPTION.valuesOf(subscription),
  );
  await insert('Waiting', WAITING.columns, of('waiting'), ({ waiting }) => WAITING.valuesOf(waiting));
}
