import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '#runtime';
import { migrate } from '#store';
import { connect } from '../../services/store/prisma/database.ts';
import { type DialectName, type Executor, makeExecutor } from '../../services/store/prisma/executor.ts';
import { applyMissing, readMigrations } from '../../services/store/prisma/migrate.ts';
import { type ModelColumn, readModels } from '../support/prisma-models.ts';

/** @param fresh gives the URL of a new empty database at each call. */
export function migrationsContract(dialect: DialectName, schema: URL, fresh: () => string): void {
  describe(`migrations: ${dialect}`, () => {
    let databaseUrl = '';
    let executor: Executor;
    let dispose: () => Promise<void>;
    beforeAll(async () => {
      databaseUrl = fresh();
      await migrate(databaseUrl, { log: silentLog });
      const connected = await connect(databaseUrl);
      executor = makeExecutor(connected);
      dispose = () => connected.adapter.dispose();
    });
    afterAll(() => dispose());

    test('they make exactly the tables and columns of the schema', async () => {
      const columns = dialect === 'mysql' ? await mysqlColumns(executor) : await sqliteColumns(executor);
      expect(columns).toEqual(readModels(schema, dialect));
    });

    test('what was applied is recorded as Prisma records it, and a second run applies nothing', async () => {
      expect(await migrate(databaseUrl, { log: silentLog })).toEqual({ applied: [] });
      const names = readMigrations(dialect).map(({ name }) => name);
      expect(names.every((name) => /^\d{14}_\w+$/.test(name))).toBe(true);
      const sql =
        'SELECT `migration_name`, `checksum`, `applied_steps_count`, `logs`, `rolled_back_at`, `finished_at`, `started_at`, `id`' +
        ' FROM `_prisma_migrations` ORDER BY `migration_name`';
      const rows = await executor.query(sql, []);
      expect(rows.map(([name]) => name)).toEqual(names);
      for (const [index, { sql: text }] of readMigrations(dialect).entries()) {
        const [, checksum, steps, logs, rolledBackAt, finishedAt, startedAt, id] = rows[index] ?? [];
        expect(checksum).toBe(createHash('sha256').update(text).digest('hex'));
        expect([Number(steps), logs, rolledBackAt]).toEqual([1, null, null]);
        expect(new Date(finishedAt as string).getTime()).toBeGreaterThanOrEqual(
          new Date(startedAt as string).getTime(),
        );
        expect(id).toMatch(/^[0-9a-f-]{36}$/);
      }
    });

    test('two runners at once: one applies, the other finds nothing left to do', async () => {
      const both = fresh();
      const runs = await Promise.all([migrate(both, { log: silentLog }), migrate(both, { log: silentLog })]);
      const applied = runs.flatMap((run) => run.applied);
      expect(applied).toEqual(readMigrations(dialect).map(({ name }) => name));
    });

    test('a migration that was changed after it was applied is refused', async () => {
      const changed = fresh();
      await migrate(changed, { log: silentLog });
      await change(changed, 'UPDATE `_prisma_migrations` SET `checksum` = ?', ['0']);
      await expect(migrate(changed, { log: silentLog })).rejects.toThrow(/was changed after it was applied/);
    });

    test('a migration recorded as failed is refused, one recorded as rolled back is applied', async () => {
      const failed = fresh();
      await migrate(failed, { log: silentLog });
      await change(failed, 'UPDATE `_prisma_migrations` SET `finished_at` = NULL', []);
      await expect(migrate(failed, { log: silentLog })).rejects.toThrow(/recorded as failed/);
      await change(failed, "UPDATE `_prisma_migrations` SET `rolled_back_at` = '2026-11-01 00:00:00'", []);
      const connected = await connect(failed);
      const again = makeExecutor(connected).transaction((statements) =>
        applyMissing(
          statements,
          dialect,
          [{ name: readMigrations(dialect)[0]?.name ?? '', sql: 'SELECT 1;' }],
          silentLog,
        ),
      );
      expect(await again).toHaveLength(1);
      await connected.adapter.dispose();
    });

    test('a later migration is applied alone; one that fails says why and is refused from then on', async () => {
      const later = fresh();
      await migrate(later, { log: silentLog });
      const connected = await connect(later);
      const own = makeExecutor(connected);
      const run = (sql: string) =>
        own.transaction((statements) =>
          applyMissing(
            statements,
            dialect,
            [...readMigrations(dialect), { name: '29990101000000_later', sql }],
            silentLog,
          ),
        );
      await expect(run('-- nonsense\nMAKE TABLE later;\n')).rejects.toThrow();
      if (dialect === 'mysql') await expect(run('SELECT 1;\n')).rejects.toThrow(/recorded as failed/);
      else {
        expect(await run('CREATE TABLE later (id INTEGER);\nCREATE INDEX li ON later(id);\n')).toEqual([
          '29990101000000_later',
        ]);
      }
      await connected.adapter.dispose();
    });
  });
}

async function change(databaseUrl: string, sql: string, values: readonly string[]): Promise<void> {
  const connected = await connect(databaseUrl);
  await makeExecutor(connected).transaction((statements) => statements.execute(sql, values));
  await connected.adapter.dispose();
}

async function mysqlColumns(executor: Executor): Promise<readonly ModelColumn[]> {
  const sql =
    'SELECT `TABLE_NAME`, `COLUMN_NAME`, `COLUMN_TYPE`, `IS_NULLABLE`, `COLLATION_NAME` FROM `information_schema`.`COLUMNS`' +
    " WHERE `TABLE_SCHEMA` = DATABASE() AND `TABLE_NAME` <> '_prisma_migrations'" +
    ' ORDER BY `TABLE_NAME`, `ORDINAL_POSITION`';
  return (await executor.query(sql, [])).map(([table, column, type, nullable, collation]) => {
    if (collation !== null) expect(collation, `${table}.${column}`).toBe('utf8mb4_bin');
    return {
      table: String(table),
      column: String(column),
      type: String(type).replace(/^(int|bigint)\(\d+\)$/, '$1'),
      nullable: nullable === 'YES',
    };
  });
}

async function sqliteColumns(executor: Executor): Promise<readonly ModelColumn[]> {
  const sql =
    'SELECT m.name, p.name, LOWER(p.type), p."notnull" FROM sqlite_schema m JOIN pragma_table_info(m.name) p' +
    " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> '_prisma_migrations' ORDER BY m.name, p.cid";
  return (await executor.query(sql, [])).map(([table, column, type, notNull]) => ({
    table: String(table),
    column: String(column),
    type: String(type),
    nullable: Number(notNull) === 0,
  }));
}
