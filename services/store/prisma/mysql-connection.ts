import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import type { SqlAdapter } from './executor.ts';

/** What the driver is told unless the URL says otherwise. */
const USUAL = {
  /** Without these a database that is away is noticed after 20 s. */
  acquireTimeout: 1000,
  connectTimeout: 1000,
  initializationTimeout: 1000,
  /** A connection on which nothing moves for so long, also a statement without an answer, is cut. */
  socketTimeout: 10_000,
  connectionLimit: 10,
  /** Statements that are prepared once and kept, per connection; the adapter's own default is none. */
  prepareCacheLength: 256,
  charset: 'utf8mb4',
  /** Values that a column does not take are refused, never cut to fit. */
  initSql:
    "SET SESSION sql_mode = CONCAT_WS(',', @@SESSION.sql_mode, 'STRICT_ALL_TABLES'), innodb_lock_wait_timeout = 3",
} as const;

/**
 * MySQL and MariaDB by Prisma's mariadb adapter. Query parameters of the URL are the driver's options, such as
 * `allowPublicKeyRetrieval=true` (MySQL 8 without TLS), `connectionLimit`, `socketPath`. Succeeds while the database is
 * away: every statement then fails until it is back.
 */
export async function connectMysql(databaseUrl: string): Promise<SqlAdapter> {
  return new PrismaMariaDb(readUrl(databaseUrl)).connect();
}

type Config = Exclude<ConstructorParameters<typeof PrismaMariaDb>[0], string>;

function readUrl(databaseUrl: string): Config {
  const url = new URL(databaseUrl);
  const options: Record<string, unknown> = { ...USUAL };
  for (const [name, text] of url.searchParams) options[name] = readOption(text);
  return {
    ...options,
    ...(url.hostname === '' ? {} : { host: decodeURIComponent(url.hostname.replace(/^\[|\]$/g, '')) }),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
  } as Config;
}

function readOption(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d+$/.test(text) ? Number(text) : text;
}
