/**
 * docker-compose.yml as it is, run by whatever Docker engine answers here, in a project of its own: with an .env that
 * docs/examples/make-env.sh wrote, and on ports that nobody has. Nothing of the checkout is touched.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './ports.ts';
import { DOMAIN } from './processes.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAKE_ENV = 'docs/examples/make-env.sh';

/** Only what finds the engine: a setting of whoever runs the tests would win over the file. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^(PATH|HOME|DOCKER_\w+|COMPOSE_DOCKER_CLI_BUILD)$/.test(name)),
);

const works = (program: string, ...words: readonly string[]): boolean =>
  spawnSync(program, words, { env: environment, stdio: 'ignore', timeout: 10_000 }).status === 0;

/** The words that begin a command line of compose; undefined, after saying so, where no engine answers. */
export function findCompose(suite: string): readonly [string, ...string[]] | undefined {
  if (works('docker', 'info')) {
    if (works('docker', 'compose', 'version')) return ['docker', 'compose'];
    if (works('docker-compose', 'version')) return ['docker-compose'];
  }
  console.log(`${suite}: not run, no Docker engine with compose answers here`);
  return undefined;
}

export interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export function run(program: string, words: readonly string[], input = ''): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd: ROOT, env: environment, stdio: 'pipe' });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, out, err }));
    child.stdin.end(input);
  });
}

export interface Project {
  readonly sipPort: number;
  readonly webPort: number;
  /** One command of compose. @throws with what it said unless it ends with status 0. */
  compose(...words: readonly string[]): Promise<string>;
  /** The command line of the administrator, in a SIP container. */
  porchlight(words: readonly string[], input?: string): Promise<string>;
  /** Ids of the containers of a service. */
  containers(service: string): Promise<readonly string[]>;
  docker(...words: readonly string[]): Promise<string>;
  /** What compose says of its file with another .env. */
  configWith(change: (text: string) => string): Promise<Said>;
  /** Ends everything and removes the volume. */
  close(): Promise<void>;
}

export async function openProject(compose: readonly [string, ...string[]]): Promise<Project> {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-compose-'));
  const sipPort = await freePort();
  const webPort = await freePort();
  const envFile = makeEnv(folder, (text) =>
    text
      .replace(/^SIP_PORT=.*$/m, `SIP_PORT=127.0.0.1:${sipPort}`)
      .replace(/^WEB_PORT=.*$/m, `WEB_PORT=127.0.0.1:${webPort}`)
      .replace(/^SIP_ADVERTISE=.*$/m, `SIP_ADVERTISE=127.0.0.1:${sipPort}`)
      .concat('NOTIFY_PACE=0\n'),
  );
  const [program, ...first] = compose;
  const begin = [...first, '-p', `porchlight-test-${process.pid}`, '--env-file', envFile];

  async function checked(name: string, words: readonly string[], input?: string): Promise<string> {
    const { status, out, err } = await run(name, words, input);
    if (status !== 0)
      throw new Error(`${name} ${words.join(' ')}: status ${status}\n${out.slice(-2000)}${err.slice(-4000)}`);
    return out;
  }
  return {
    sipPort,
    webPort,
    compose: (...words) => checked(program, [...begin, ...words]),
    porchlight: (words, input) => checked(program, [...begin, 'exec', '-T', 'sip', 'porchlight', ...words], input),
    docker: (...words) => checked('docker', words),
    async containers(service) {
      return (await checked(program, [...begin, 'ps', '-q', service])).trim().split(/\s+/);
    },
    configWith(change) {
      const path = join(folder, 'other.env');
      writeFileSync(path, change(readFileSync(envFile, 'utf8')));
      return run(program, [...first, '--env-file', path, 'config', '--quiet']);
    },
    async close() {
      await checked(program, [...begin, 'down', '--volumes', '--timeout', '5']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What `docs/examples/make-env.sh DOMAIN` writes in a checkout of this folder. @returns the path of the file. */
export function makeEnv(folder: string, change: (text: string) => string = (text) => text, ...words: string[]): string {
  mkdirSync(join(folder, 'docs/examples'), { recursive: true });
  cpSync(join(ROOT, MAKE_ENV), join(folder, MAKE_ENV));
  const { status, stderr } = spawnSync('sh', [join(folder, MAKE_ENV), ...words, DOMAIN, '127.0.0.1'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const path = join(folder, '.env');
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  return path;
}
