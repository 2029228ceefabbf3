/** The table `_prisma_migrations`, as Prisma makes and fills it. */
import { toText } from './decode.ts';
import type { DialectName, Statements, Value } from './executor.ts';

const TABLE: Record<DialectName, string> = {
  mysql: `CREATE TABLE IF NOT EXISTS \`_prisma_migrations\` (
    \`id\` VARCHAR(36) PRIMARY KEY NOT NULL,
    \`checksum\` VARCHAR(64) NOT NULL,
    \`finished_at\` DATETIME(3),
    \`migration_name\` VARCHAR(255) NOT NULL,
    \`logs\` TEXT,
    \`rolled_back_at\` DATETIME(3),
    \`started_at\` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    \`applied_steps_count\` INTEGER UNSIGNED NOT NULL DEFAULT 0
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
  sqlite: `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" TEXT PRIMARY KEY NOT NULL,
    "checksum" TEXT NOT NULL,
    "finished_at" DATETIME,
    "migration_name" TEXT NOT NULL,
    "logs" TEXT,
    "rolled_back_at" DATETIME,
    "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
)`,
};

export interface MigrationRecord {
  readonly checksum: string;
  readonly finished: boolean;
}

export interface MigrationRecords {
  /** By migration name, without those that were rolled back. */
  read(): Promise<ReadonlyMap<string, MigrationRecord>>;
  begin(id: string, name: string, checksum: string, at: number): Promise<void>;
  finish(id: string, at: number): Promise<void>;
  fail(id: string, logs: string): Promise<void>;
}

export function recordsOf(statements: Statements, dialect: DialectName): MigrationRecords {
  const instant = (at: number): Value =>
    dialect === 'sqlite' ? at : new Date(at).toISOString().replace('T', ' ').replace('Z', '');
  return {
    async read() {
      await statements.execute(TABLE[dialect], []);
      const sql =
        'SELECT `migration_name`, `checksum`, CASE WHEN `finished_at` IS NULL THEN 0 ELSE 1 END' +
        ' FROM `_prisma_migrations` WHERE `rolled_back_at` IS NULL';
      const rows = await statements.query(sql, []);
      return new Map(
        rows.map(([name, checksum, finished]) => [
          toText(name),
          { checksum: toText(checksum), finished: Number(finished) === 1 },
        ]),
      );
    },
    async begin(id, name, checksum, at) {
      const sql =
        'INSERT INTO `_prisma_migrations` (`id`, `checksum`, `migration_name`, `started_at`) VALUES (?, ?, ?, ?)';
      await statements.execute(sql, [id, checksum, name, instant(at)]);
    },
    async finish(id, at) {
      const sql = 'UPDATE `_prisma_migrations` SET `finished_at` = ?, `applied_steps_count` = 1 WHERE `id` = ?';
      await statements.execute(sql, [instant(at), id]);
    },
    async fail(id, logs) {
      await statements.execute('UPDATE `_prisma_migrations` SET `logs` = ? WHERE `id` = ?', [logs, id]);
    },
  };
}
