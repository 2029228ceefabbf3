/** A database as each released version left it, brought up to this version: everything reads as before. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '#runtime';
import { migrate, openStore } from '#store';
import type { DialectName } from '../../services/store/prisma/executor.ts';
import { readMigrations } from '../../services/store/prisma/migrate.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { mariadbInstalled, type PrivateMariaDb, startMariaDb } from '../support/mariadb.ts';
import {
  checksumOf,
  copyMigrations,
  freeze,
  phoneOpens,
  putRows,
  readEverything,
  readReleaseCase,
  readReleases,
  secretsOf,
} from '../support/release-cases.ts';
import { aor, makePublication, makeTemporaryFolder, tag } from '../support/stores.ts';

const DIALECTS: readonly DialectName[] = ['mysql', 'sqlite'];
const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version;
if (readReleases()[VERSION] === undefined) {
  if (process.env['CI'] === 'true') throw new Error(`version ${VERSION} is not in tests/cases/releases.json`);
  await freeze(VERSION);
  console.log(`version ${VERSION} was added to tests/cases/releases: commit it`);
}
const releases = Object.entries(readReleases());
/** Made up: what a version after this one may do while this one still serves. */
const LATER = {
  name: '29990101000000_later',
  sql: [
    'CREATE TABLE `Later` (`id` INTEGER NOT NULL PRIMARY KEY, `what` VARCHAR(64) NOT NULL);',
    "ALTER TABLE `Login` ADD COLUMN `displayName` VARCHAR(64) NOT NULL DEFAULT 'nobody yet';",
    'ALTER TABLE `Subscription` ADD COLUMN `later` BIGINT;',
    'CREATE INDEX `Pdata_later_idx` ON `Pdata`(`expiresAt`);',
    'INSERT INTO `Later` (`id`, `what`) SELECT `id`, `keyId` FROM `Credential`;',
    '',
  ].join('\n'),
};

type Everything = Readonly<Record<'archive' | 'packages', readonly unknown[]>>;
const eventOf = (row: unknown): string | undefined =>
  (row as { event?: string }).event ?? (row as { row?: { event?: string } }).row?.event;

/** The built-in packages that a release since then brought, each with a row of its own. */
function addedSince(was: { readonly reads: unknown }): readonly string[] {
  const then = new Set((was.reads as Everything).packages.map(eventOf));
  return ['presence.winfo'].filter((event) => !then.has(event));
}

/** @throws when one of them is not there. */
function withoutPackages(everything: unknown, added: readonly string[]): object {
  const { archive, packages, ...rest } = everything as Everything;
  const without = (rows: readonly unknown[], isPackage: (row: unknown) => boolean): readonly unknown[] => {
    const left = rows.filter((row) => !(isPackage(row) && added.includes(eventOf(row) ?? '')));
    if (rows.length - left.length !== added.length) throw new Error(`${added.join()} should have been added`);
    return left;
  };
  const inArchive = (row: unknown): boolean => (row as { table?: string }).table === 'package';
  return { ...rest, packages: without(packages, () => true), archive: without(archive, inArchive) };
}

const folder = makeTemporaryFolder('upgrade');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(releases)('a released migration: %s', (_version, release) => {
  test.each(DIALECTS)('%s: its text never changes, and what came since comes after it', (dialect) => {
    expect(release[dialect].length).toBeGreaterThan(0);
    for (const { name, sha256 } of release[dialect]) expect(checksumOf(dialect, name), name).toBe(sha256);
    const names = release[dialect].map(({ name }) => name);
    const all = readMigrations(dialect).map(({ name }) => name);
    expect(all.slice(0, names.length)).toEqual(names);
  });

  test('both databases have the same ones', () => {
    expect(release.sqlite.map(({ name }) => name)).toEqual(release.mysql.map(({ name }) => name));
  });
});

/** @param fresh gives the URL of a new empty database at each call. */
function upgrades(dialect: DialectName, fresh: () => string): void {
  describe.each(releases)(`${dialect}: up from %s`, (version, release) => {
    const was = readReleaseCase(version);
    const names = release[dialect].map(({ name }) => name);
    const open = (databaseUrl: string) => openStore(databaseUrl, { clock: makeFakeClock(), log: silentLog });

    /** A database that a person has used since that version. */
    async function filled(): Promise<string> {
      const databaseUrl = fresh();
      const then = copyMigrations(dialect, names, join(folder, `${dialect}-${version}`));
      expect(await migrate(databaseUrl, { log: silentLog, folder: then })).toEqual({ applied: names });
      await putRows(databaseUrl, was.rows);
      return databaseUrl;
    }

    async function readsAsBefore(databaseUrl: string): Promise<void> {
      const store = await open(databaseUrl);
      expect(withoutPackages(await readEverything(store), addedSince(was))).toMatchObject(was.reads as object);
      const secrets = secretsOf(was);
      for (const [user, password] of Object.entries(was.passwords)) {
        expect(await phoneOpens(store, secrets, user, password), user).toBe(true);
        expect(await phoneOpens(store, secrets, user, `${password}!`), user).toBe(false);
      }
      const hash = (await store.accounts.passwordHash(aor('alice')))?.hash ?? '';
      expect(await secrets.verifyPassword(hash, was.passwords['alice'] ?? '')).toBe(true);
      // The entity-tag of then is still the one that a phone's next PUBLISH names (RFC 3903 §4.1).
      const publication = makePublication('p1', { etag: tag('e2') });
      const write = { kind: 'replace', publication } as const;
      expect(await store.publications.write({ ...write, expected: tag('other') })).toBe('stale');
      expect(await store.publications.write({ ...write, expected: tag('e1') })).toBe('written');
      await store.close();
    }

    test('all migrations of this version: everything reads as before, and phones’ passwords still open', async () => {
      const databaseUrl = await filled();
      const { applied } = await migrate(databaseUrl, { log: silentLog });
      expect([...names, ...applied]).toEqual(readMigrations(dialect).map(({ name }) => name));
      await readsAsBefore(databaseUrl);
    });

    test('and a later one, made up, which this version does not know: it goes on reading and writing the same', async () => {
      const databaseUrl = await filled();
      const all = readMigrations(dialect).map(({ name }) => name);
      const later = copyMigrations(dialect, all, join(folder, `${dialect}-${version}-later`));
      mkdirSync(join(later, LATER.name), { recursive: true });
      writeFileSync(join(later, LATER.name, 'migration.sql'), LATER.sql);
      // Of a service that runs on while its successor's `migrate` does its work.
      await migrate(databaseUrl, { log: silentLog });
      const running = await open(databaseUrl);
      const before = await readEverything(running);
      const { applied } = await migrate(databaseUrl, { log: silentLog, folder: later });
      expect(applied).toEqual([LATER.name]);
      expect(await readEverything(running)).toEqual(before);
      await running.close();
      await readsAsBefore(databaseUrl);
      expect(await migrate(databaseUrl, { log: silentLog, folder: later })).toEqual({ applied: [] });
    });
  });
}

let files = 0;
upgrades('sqlite', () => {
  files += 1;
  return `file:${join(folder, `${files}.db`)}`;
});

describe.skipIf(!mariadbInstalled('upgrades on MariaDB'))('MariaDB', () => {
  let server: PrivateMariaDb;
  let databases = 0;
  beforeAll(async () => {
    server = await startMariaDb();
  }, 60_000);
  afterAll(() => server.stop());
  upgrades('mysql', () => {
    databases += 1;
    return server.url(`upgrade${databases}`);
  });
});
