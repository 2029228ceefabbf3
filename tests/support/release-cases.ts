/**
 * Databases as a released version left them. A case is tests/cases/releases/VERSION.json: the rows of every table, as
 * that version wrote them, and what it read back through the store port. Neither is ever made again: a later version must
 * read the same from the same rows.
 */
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Aor } from '#model';
import { type Account, type AccountCredentials, ALGORITHMS, openSecrets, type Secrets, type Store } from '#store';
import { connect } from '../../services/store/prisma/database.ts';
import { type DialectName, makeExecutor, type Value } from '../../services/store/prisma/executor.ts';
import { readMigrations } from '../../services/store/prisma/migrate.ts';
import {
  aor,
  makeAccount,
  makePublication,
  makeRule,
  makeSession,
  makeSqliteStore,
  makeSubscription,
  tag,
} from './stores.ts';

const CASES = fileURLToPath(new URL('../cases/releases/', import.meta.url));
const RELEASES = join(CASES, '../releases.json');
const OWN: Record<DialectName, string> = {
  mysql: fileURLToPath(new URL('../../prisma/migrations', import.meta.url)),
  sqlite: fileURLToPath(new URL('../../prisma/embedded/migrations', import.meta.url)),
};
/** Of tables, so that a row comes after what it refers to. */
const TABLES = [
  'Setting',
  'Events',
  'Eventloader',
  'Login',
  'Credential',
  'Acl',
  'Pdata',
  'Subscription',
  'Session',
  'Change',
  'Lease',
] as const;

/** Name and SHA-256 of each migration that a release had, in order. */
export type Release = Readonly<Record<DialectName, readonly { readonly name: string; readonly sha256: string }[]>>;
/** Bytes are `{ "base64": … }`. */
type Cell = string | number | null | { readonly base64: string };
export type Rows = Readonly<Record<string, readonly Readonly<Record<string, Cell>>[]>>;
export interface ReleaseCase {
  /** The key that sealed the credentials, hex. */
  readonly key: string;
  readonly passwords: Readonly<Record<string, string>>;
  readonly rows: Rows;
  readonly reads: unknown;
}

export function readReleases(): Readonly<Record<string, Release>> {
  return JSON.parse(readFileSync(RELEASES, 'utf8')) as Record<string, Release>;
}

export function readReleaseCase(version: string): ReleaseCase {
  return JSON.parse(readFileSync(join(CASES, `${version}.json`), 'utf8')) as ReleaseCase;
}

export function secretsOf({ key }: Pick<ReleaseCase, 'key'>): Secrets {
  return openSecrets(Buffer.from(key, 'hex'));
}

export function checksumOf(dialect: DialectName, name: string): string {
  return createHash('sha256')
    .update(readFileSync(join(OWN[dialect], name, 'migration.sql')))
    .digest('hex');
}

/** A folder in `into` with copies of these migrations alone. */
export function copyMigrations(dialect: DialectName, names: readonly string[], into: string): string {
  mkdirSync(into, { recursive: true });
  for (const name of names) cpSync(join(OWN[dialect], name), join(into, name), { recursive: true });
  return into;
}

/** Puts the rows in the place of all there are, by plain SQL: the port of now may not fit the tables of then. */
export async function putRows(databaseUrl: string, rows: Rows): Promise<void> {
  const connected = await connect(databaseUrl);
  await makeExecutor(connected).transaction(async (statements) => {
    for (const table of TABLES.toReversed()) await statements.execute(`DELETE FROM \`${table}\``, []);
    for (const table of TABLES) {
      for (const row of rows[table] ?? []) {
        const columns = Object.keys(row).map((name) => `\`${name}\``);
        const marks = columns.map(() => '?').join(', ');
        const values = Object.values(row).map(fromCell);
        await statements.execute(`INSERT INTO \`${table}\` (${columns.join(', ')}) VALUES (${marks})`, values);
      }
    }
  });
  await connected.adapter.dispose();
}

/** Of a SQLite database. */
async function takeRows(databaseUrl: string): Promise<Rows> {
  const connected = await connect(databaseUrl);
  const { query } = makeExecutor(connected);
  const all: Record<string, Readonly<Record<string, Cell>>[]> = {};
  for (const table of TABLES) {
    const columns = (await query(`SELECT name FROM pragma_table_info('${table}')`, [])).map(([name]) => String(name));
    const rows = await query(`SELECT ${columns.map((name) => `\`${name}\``).join(', ')} FROM \`${table}\``, []);
    all[table] = rows.map((row) =>
      Object.fromEntries(columns.map((name, place) => [name, toCell(table, name, row[place])])),
    );
  }
  await connected.adapter.dispose();
  return all;
}

const fromCell = (cell: Cell): Value =>
  cell !== null && typeof cell === 'object' ? Buffer.from(cell.base64, 'base64') : cell;

function toCell(table: string, column: string, value: unknown): Cell {
  if (value === null || typeof value === 'number') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value);
  if (typeof value === 'string') return /At$|Cseq$|^(at|beat)$/.test(column) ? Number(value) : value;
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  if (value instanceof ArrayBuffer) return { base64: Buffer.from(value).toString('base64') };
  throw new Error(`${table}.${column} is of an unknown kind`);
}

/** A little of everything, with text that a wrong collation or encoding would change. */
async function fill(store: Store, { key, passwords }: Pick<ReleaseCase, 'key' | 'passwords'>) {
  const secrets = secretsOf({ key });
  for (const [user, password] of Object.entries(passwords)) {
    const credentials = secrets.credentialsFor(user, 'example.com', password);
    // As an import leaves him: without a log-in yet.
    const passwordHash = user === 'bob' ? undefined : await secrets.hashPassword(password);
    await store.accounts.create(makeAccount(user, { credentials, passwordHash }));
  }
  await store.accounts.setDisabled(aor('carol'), true);
  await store.settings.fix('realm', 'example.com');
  await store.eventLoader.set({ event: 'dialog', module: '/opt/dialog.mjs', enabled: false });
  await store.rules.set(makeRule('alice', 'sip:bob@example.com'));
  await store.rules.set(makeRule('alice', '@example.org', { permission: 'polite-block' }));
  await store.rules.set(makeRule('alice', '*', { permission: 'confirm' }));
  await store.rules.set(makeRule('bob', '*', { event: 'dialog', permission: 'block' }));
  const publications = [
    makePublication('p1', { etag: tag('e1'), body: new TextEncoder().encode('<note>Grüße 🏮</note>') }),
    makePublication('p2', { etag: tag('E1'), body: Uint8Array.of(0, 255, 128, 10), modifiedAt: 1_790_000_000_001 }),
  ];
  for (const publication of publications) await store.publications.write({ kind: 'insert', publication });
  const subscriptions = [
    makeSubscription('s1', { told: 'a fingerprint' }),
    makeSubscription('s2', { state: 'pending', permission: 'confirm', watcher: aor('carol'), eventId: 'Aa' }),
  ];
  for (const subscription of subscriptions) await store.subscriptions.write({ kind: 'insert', subscription });
  await store.sessions.create(makeSession(1));
  await store.sessions.create(makeSession(2, { aor: aor('bob'), userAgent: 'Ünïcode' }));
  await store.leases.take({ name: 'sip', holder: 'h1', host: 'porch', pid: 7 }, undefined);
}

/** Everything that the port reads, in the form of JSON: bytes as base64, nothing as null. */
export async function readEverything(store: Store): Promise<unknown> {
  const archive: unknown[] = [];
  await store.archive.read(async (rows) => void archive.push(...rows));
  const accounts: readonly Account[] = await store.accounts.list({ limit: 100 });
  const aors = accounts.map((account) => account.aor);
  const credentials: ReadonlyMap<Aor, AccountCredentials> = await store.accounts.credentials(aors);
  const everything = {
    archive,
    accounts,
    credentials: [...credentials].toSorted(([one], [other]) => (one < other ? -1 : 1)),
    rules: [...(await store.rules.ofMany(aors))].toSorted(([one], [other]) => (one < other ? -1 : 1)),
    packages: await store.eventLoader.list(),
    publications: await store.publications.of(aor('alice'), 0),
    subscriptions: await store.subscriptions.of(aor('alice'), 0),
    sessions: await Promise.all([1, 2].map((number) => store.sessions.find(makeSession(number).idHash, 0))),
    journal: await store.journal.after(0, 1000),
    lease: await store.leases.read('sip'),
  };
  const text = JSON.stringify(everything, (_name, value: unknown) => {
    if (value === undefined) return null;
    return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
  });
  return JSON.parse(text);
}

/** Whether the credentials of the account open to what the phone makes of its password, all of them. */
export async function phoneOpens(store: Store, secrets: Secrets, user: string, password: string): Promise<boolean> {
  const kept = (await store.accounts.credentials([aor(user)])).get(aor(user))?.credentials ?? [];
  return kept.length === ALGORITHMS.length && kept.every((one) => secrets.passwordMatches(one, password));
}

/**
 * Writes down a version that releases.json does not have yet: the migrations of now, and what this version leaves in a
 * database. Done once, by the first run of the suite with the new version in package.json; then it is committed.
 */
export async function freeze(version: string): Promise<void> {
  const key = randomBytes(32).toString('hex');
  const passwords = { alice: 'a lamp on the porch', bob: 'bob keeps a lamp', carol: 'Carol läßt es brennen' };
  const { store, databaseUrl, remove } = await makeSqliteStore();
  await fill(store, { key, passwords });
  const frozen: ReleaseCase = { key, passwords, rows: await takeRows(databaseUrl), reads: await readEverything(store) };
  await remove();
  const listed = (dialect: DialectName): Release[DialectName] =>
    readMigrations(dialect).map(({ name }) => ({ name, sha256: checksumOf(dialect, name) }));
  const release: Release = { mysql: listed('mysql'), sqlite: listed('sqlite') };
  writeFileSync(join(CASES, `${version}.json`), `${JSON.stringify(frozen, undefined, 2)}\n`);
  writeFileSync(RELEASES, `${JSON.stringify({ ...readReleases(), [version]: release }, undefined, 2)}\n`);
}
