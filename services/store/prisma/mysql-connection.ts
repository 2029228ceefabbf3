import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { verifiedTls } from './database-tls.ts';
import { readInnoDb } from './durability.ts';
import { type Connected, statementsOn } from './executor.ts';
import { openGatheringSocket } from './gathering-socket.ts';
import { type Decides, makeMysqlGroups } from './mysql-groups.ts';
import { makeMysqlQuery } from './mysql-query.ts';

const MYSQL_PORT = 3306;

/** What the driver is told unless the URL says otherwise. */
const USUAL = {
  /** Without these a database that is away is noticed after 20 s. */
  acquireTimeout: 1000,
  connectTimeout: 1000,
  initializationTimeout: 1000,
  /** A connection on which nothing moves for so long, also a statement without an answer, is cut. */
  socketTimeout: 10_000,
  connectionLimit: 10,
  /** Idle connections are cut by the timeout above: one is enough to be kept ready, more come when they are needed. */
  minimumIdle: 1,
  /** Statements that are prepared once and kept, per connection; the adapter's own default is none. */
  prepareCacheLength: 256,
  /**
   * Told in the handshake. Whatever the driver would have to say in a statement after it (`charset`, `initSql`,
   * `sessionVariables`) must not be used: a connection cut just then is an unhandled rejection, which ends the process.
   * Strict mode is the servers' default, and limits.ts lets nothing through that a column would cut.
   */
  collation: 'UTF8MB4_BIN',
} as const;

/**
 * MySQL and MariaDB by Prisma's mariadb adapter. Query parameters of the URL are the driver's options, such as
 * `allowPublicKeyRetrieval=true` (MySQL 8 without TLS), `connectionLimit`, `socketPath`; and with `ssl=true`, or `sslCa`
 * and the path of a certificate in PEM, the connection is TLS and verified, or there is none. Succeeds while the database is
 * away: every statement then fails until it is back.
 */
export async function connectMysql(databaseUrl: string, decides?: Decides): Promise<Connected> {
  const adapter = await new PrismaMariaDb(readUrl(databaseUrl)).connect();
  const pool = adapter.underlyingDriver();
  return {
    adapter,
    dialect: 'mysql',
    writeAll: makeMysqlGroups(pool, decides),
    query: makeMysqlQuery(pool),
    onConnected(tell) {
      // The settings are the server's: any connection reads them. Where none can, the next one will.
      const look = (): void => void readInnoDb(statementsOn(adapter)).then(tell, () => undefined);
      pool.on('connection', look);
      look();
    },
  };
}

type Config = Exclude<ConstructorParameters<typeof PrismaMariaDb>[0], string>;

function readUrl(databaseUrl: string): Config {
  const url = new URL(databaseUrl);
  const options: Record<string, unknown> = { ...USUAL };
  for (const [name, text] of url.searchParams) options[name] = readOption(text);
  const host = decodeURIComponent(url.hostname.replace(/^\[|\]$/g, ''));
  const port = url.port === '' ? MYSQL_PORT : Number(url.port);
  const { sslCa, socketPath, ...rest } = options;
  const tls = options['ssl'] === true || sslCa !== undefined;
  return {
    ...rest,
    // A redirection by the server would lead to a host that nobody has named.
    ...(tls ? { ssl: verifiedTls(host, url.searchParams.get('sslCa') ?? undefined), permitRedirect: false } : {}),
    ...(host === '' ? {} : { host }),
    port,
    stream: () =>
      openGatheringSocket(
        socketPath === undefined ? { host: host || 'localhost', port } : { path: String(socketPath) },
      ),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
  } as Config;
}

function readOption(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d+$/.test(text) ? Number(text) : text;
}
