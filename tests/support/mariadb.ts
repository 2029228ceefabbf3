/**
 * A MariaDB of the tests' own: a data folder and a socket in a temporary folder, no network unless asked for, started in about a second
 * and ended by its process id. Where MariaDB is not installed the suites that need it are skipped with a printed line;
 * with CI=true that is a failure.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface PrivateMariaDb {
  /** Of a database that is made empty on the first call with this name. */
  url(database: string, options?: string): string;
  /** As the server's root. */
  run(sql: string): void;
  /** Rows of columns, as text. */
  read(sql: string): readonly (readonly string[])[];
  /** Of the server that runs now. */
  readonly pid: number;
  /** kill -9, as a power cut would. */
  kill(): Promise<void>;
  /** As an administrator stops it: what it was told is written, every connection is closed. */
  shutDown(): Promise<void>;
  /** After `kill` or `shutDown`: the same data again. */
  restart(): Promise<void>;
  /** Ends it and removes everything. */
  stop(): Promise<void>;
}

const PATHS = ['', '/usr/sbin/', '/usr/local/sbin/', '/usr/bin/'];
const DEADLINE_MS = 30_000;

function find(program: string): string | undefined {
  return PATHS.map((path) => `${path}${program}`).find((path) => {
    const { error } = spawnSync(path, ['--version'], { stdio: 'ignore' });
    return error === undefined;
  });
}

/** False where it is not installed, after saying so; with CI=true it throws instead. */
export function mariadbInstalled(suite: string): boolean {
  if (find('mariadbd') !== undefined && find('mariadb-install-db') !== undefined) return true;
  const line = `${suite}: not run, MariaDB is not installed (Debian: apt-get install mariadb-server)`;
  if (process.env['CI'] === 'true') throw new Error(line);
  console.log(line);
  return false;
}

/** @param options of the server, instead of `--skip-networking`. */
export async function startMariaDb(options: readonly string[] = ['--skip-networking']): Promise<PrivateMariaDb> {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-mariadb-'));
  const user = userInfo().username;
  const dataFolder = join(folder, 'data');
  const socket = join(folder, 's');
  const install = spawnSync(
    find('mariadb-install-db') ?? 'mariadb-install-db',
    [
      '--no-defaults',
      `--datadir=${dataFolder}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      `--user=${user}`,
    ],
    { encoding: 'utf8' },
  );
  if (install.status !== 0) throw new Error(`mariadb-install-db failed: ${install.stdout}${install.stderr}`);
  const made = new Set<string>();
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    rmSync(socket, { force: true });
    server = spawn(
      find('mariadbd') ?? 'mariadbd',
      [
        '--no-defaults',
        `--datadir=${dataFolder}`,
        `--socket=${socket}`,
        ...options,
        `--user=${user}`,
        `--pid-file=${join(folder, 'pid')}`,
        '--innodb-buffer-pool-size=64M',
      ],
      { stdio: 'ignore' },
    );
    await until(() => answers(socket));
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = server;
    server = undefined;
    if (ending === undefined || ending.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
    ending.kill(signal);
    await gone;
  }

  function read(sql: string): readonly (readonly string[])[] {
    const { status, stdout, stderr } = spawnSync(
      find('mariadb') ?? 'mariadb',
      ['--no-defaults', `--socket=${socket}`, '-u', 'root', '--batch', '--skip-column-names', '-e', sql],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`MariaDB refused: ${stderr}`);
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]));
  }

  await start();
  return {
    run: (sql) => void read(sql),
    read,
    get pid() {
      return server?.pid ?? 0;
    },
    url(database, options = '') {
      if (!made.has(database)) {
        read(`CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET utf8mb4`);
        made.add(database);
      }
      return `mysql://root@localhost/${database}?socketPath=${encodeURIComponent(socket)}${options}`;
    },
    kill: () => end('SIGKILL'),
    shutDown: () => end('SIGTERM'),
    restart: start,
    async stop() {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answers(socket: string): Promise<boolean> {
  if (!existsSync(socket)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    connection.once('data', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

/** Waits for an outer process: in real time, with a deadline. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('MariaDB did not start');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
