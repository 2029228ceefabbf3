import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { splitSql } from '../../services/store/prisma/migrate.ts';
import { mariadbInstalled, type PrivateMariaDb, startMariaDb } from '../support/mariadb.ts';
import { makeTemporaryFolder } from '../support/stores.ts';
import { migrationsContract } from './migrations.contract.ts';

const TRUTH = new URL('../../prisma/schema.prisma', import.meta.url);
const EMBEDDED = new URL('../../prisma/embedded/schema.prisma', import.meta.url);

describe('the embedded schema', () => {
  test('it is what prisma/schema.prisma gives', async () => {
    const script = new URL('../../services/store/prisma/derive-embedded.mjs', import.meta.url);
    const { deriveEmbedded } = (await import(script.href)) as { deriveEmbedded: (schema: string) => string };
    expect(readFileSync(EMBEDDED, 'utf8')).toBe(deriveEmbedded(readFileSync(TRUTH, 'utf8')));
  });
});

describe('the text of a migration', () => {
  test('is cut at semicolons that end a line; comments are no statements', () => {
    const sql =
      "-- one; two;\nCREATE TABLE a (\n  b TEXT DEFAULT 'x;y'\n);\n\n-- three\nINSERT INTO a VALUES (';');  \n";
    expect(splitSql(sql)).toEqual(["CREATE TABLE a (\n  b TEXT DEFAULT 'x;y'\n)", "INSERT INTO a VALUES (';')"]);
  });
});

const folder = makeTemporaryFolder('migrations');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
migrationsContract('sqlite', EMBEDDED, () => {
  files += 1;
  return `file:${join(folder, `${files}.db`)}`;
});

describe.skipIf(!mariadbInstalled('migrations on MariaDB'))('MariaDB', () => {
  let server: PrivateMariaDb;
  let databases = 0;
  beforeAll(async () => {
    server = await startMariaDb();
  }, 60_000);
  afterAll(() => server.stop());
  migrationsContract('mysql', TRUTH, () => {
    databases += 1;
    return server.url(`migrations${databases}`);
  });
});
