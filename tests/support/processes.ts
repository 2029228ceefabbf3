/**
 * Real processes for the suites with real clients: the services as they were built into dist, on loopback, over a SQLite
 * database of their own in a temporary folder; and any other program, with every line that it says. Nothing here sleeps:
 * what is waited for is an event, with a deadline. Every process is ended by its pid.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { type Aor, aorOf, EVERYBODY, type Subject } from '#model';
import { readKeyFile, silentLog, systemClock } from '#runtime';
import { migrate, openSecrets, openStore, type Store, settleRealm } from '#store';
import { freePort } from './ports.ts';
import { makePeer, type Peer } from './sip-peer.ts';
import { openPeerPort } from './udp-port.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Generous: the machine may be busy with other suites. What is fast is fast all the same. */
export const DEADLINE_MS = 20_000;
export const DOMAIN = 'example.com';

// ----------------------------------------------------------------------------------------------------------- programs

export interface Tool {
  readonly program: string;
  /** Debian's. */
  readonly package: string;
}

/** False where one of them is missing, after saying which Debian package has it; with CI=true it throws instead. */
export function toolsInstalled(suite: string, tools: readonly Tool[]): boolean {
  const missing = tools.filter(({ program }) => spawnSync('which', [program], { stdio: 'ignore' }).status !== 0);
  if (missing.length === 0) return true;
  const names = missing.map((tool) => tool.program).join(', ');
  const line = `${suite}: not run, ${names} missing (Debian: apt-get install ${missing.map((tool) => tool.package).join(' ')})`;
  if (process.env['CI'] === 'true') throw new Error(line);
  console.log(line);
  return false;
}

/** Rejects with what was waited for when it does not come in time. */
export function within<T>(promise: Promise<T>, what: string, deadlineMs = DEADLINE_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: not within ${deadlineMs} ms`)), deadlineMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Asks again and again until the answer is something: for what nobody tells by itself. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${DEADLINE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// ---------------------------------------------------------------------------------------------------------- processes

export interface Line {
  /** Without colours and line end. */
  readonly text: string;
  /** When it came, `performance.now()`. */
  readonly at: number;
}

export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly at: number;
}

export interface Running {
  readonly pid: number;
  /** Standard output and standard error, in order of arrival. */
  readonly lines: readonly Line[];
  readonly errors: readonly string[];
  /** The first line, of those that came or come, that matches; from the given number of lines on. */
  until(pattern: RegExp, from?: number): Promise<Line>;
  /** To standard input, which ends there if so told. */
  write(text: string, isLast?: boolean): void;
  readonly ended: Promise<Ending>;
  /** SIGTERM unless told otherwise; resolves when it is gone. */
  end(signal?: NodeJS.Signals): Promise<Ending>;
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What ends it with its place, where nobody did before; SIGKILL unless told otherwise. */
  readonly endedBy?: NodeJS.Signals;
}

/** Starts a program with the given environment alone (and PATH): no setting of whoever runs the tests gets in. */
export function startProgram(program: string, words: readonly string[], options: ProgramOptions = {}): Running {
  const { cwd = tmpdir(), env = {} } = options;
  const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const child = spawn(program, words, { cwd, env: { PATH, HOME: cwd, LANG: 'C.UTF-8', ...env }, stdio: 'pipe' });
  return watched(child, `${program} ${words.join(' ')}`);
}

function watched(child: ChildProcess, title: string): Running {
  const lines: Line[] = [];
  const errors: string[] = [];
  const listeners = new Set<() => void>();
  let gone: Ending | undefined;
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const take = (text: string, isError: boolean): void => {
    const clean = stripVTControlCharacters(text).replace(/\r$/, '');
    lines.push({ text: clean, at: performance.now() });
    if (isError) errors.push(clean);
    tell();
  };
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) take(part, stream === child.stderr);
    });
    stream?.on('end', () => {
      if (rest !== '') take(rest, stream === child.stderr);
    });
  }
  child.stdin?.on('error', () => undefined);
  const ended = new Promise<Ending>((resolve) => {
    const finish = (status: number | null, signal: NodeJS.Signals | null): void => {
      gone ??= { status, signal, at: performance.now() };
      tell();
      resolve(gone);
    };
    child.once('error', (fault) => {
      take(String(fault), true);
      finish(127, null);
    });
    // `close`, not `exit`: what it said last has been read then.
    child.once('close', finish);
  });
  const lastWords = (): string =>
    lines
      .map(({ text }) => `    ${text}`)
      .slice(-60)
      .join('\n');

  return {
    pid: child.pid ?? 0,
    lines,
    errors,
    ended,
    write: (text, isLast = false) => void (isLast ? child.stdin?.end(text) : child.stdin?.write(text)),
    until: (pattern, from = 0) =>
      new Promise((resolve, reject) => {
        const give = (outcome: () => void): void => {
          listeners.delete(look);
          clearTimeout(timer);
          outcome();
        };
        const fail = (why: string): void =>
          give(() => reject(new Error(`${title}: ${why} ${pattern}. It said:\n${lastWords()}`)));
        const timer = setTimeout(() => fail(`in ${DEADLINE_MS} ms never said`), DEADLINE_MS);
        const look = (): void => {
          const found = lines.slice(from).find(({ text }) => pattern.test(text));
          if (found !== undefined) give(() => resolve(found));
          else if (gone !== undefined) fail(`ended (${gone.status ?? gone.signal}) and never said`);
        };
        listeners.add(look);
        look();
      }),
    async end(signal = 'SIGTERM') {
      if (gone === undefined) child.kill(signal);
      const stubborn = setTimeout(() => child.kill('SIGKILL'), 5_000);
      const how = await ended;
      clearTimeout(stubborn);
      return how;
    },
  };
}

// ----------------------------------------------------------------------------------------------------------- services

export type Settings = Readonly<Record<string, string>>;

/** A database, its services and whatever runs beside them. */
export interface Place {
  readonly folder: string;
  /** `127.0.0.1:20123`, where the SIP service listens. */
  readonly server: string;
  /** Without a slash at its end. */
  readonly portal: string;
  /** What every process of this place is told; a test may add to it. */
  readonly settings: Settings;
  readonly store: Store;
  /** Resolves when it answers. */
  startSip(more?: Settings): Promise<Running>;
  startPortal(more?: Settings): Promise<Running>;
  /** Both, as `npm start` runs them. */
  npmStart(): Promise<Running>;
  /** Any script of the checkout, in the settings of this place; ended with the place. */
  script(path: string, words?: readonly string[], more?: Settings): Running;
  /** Any other program, in the folder of the place; ended with it. */
  program(program: string, words: readonly string[], options?: ProgramOptions): Running;
  /** One command line. @throws unless it ends with status 0. */
  porchlight(words: readonly string[], input?: string): Promise<Ending>;
  /** As an import leaves them. */
  addUsers(...users: string[]): Promise<void>;
  /** A rule for everybody, as the portal writes it. */
  allowAll(owner: string): Promise<void>;
  /** A rule for one, by the command line; `at` is when the command had ended. */
  rule(owner: string, watcher: string, permission: string): Promise<Ending>;
  /** A user agent of the tests' own, on a socket of its own. @param at where the SIP service is, `server` by default. */
  peer(user: string, at?: string): Promise<Peer>;
  close(): Promise<void>;
}

export const passwordOf = (user: string): string => `${user}-keeps-a-lamp`;
export const uri = (user: string): string => `sip:${user}@${DOMAIN}`;
export const aor = (user: string): Aor => aorOf(user, DOMAIN) as Aor;

export async function openPlace(given: Settings = {}): Promise<Place> {
  if (!existsSync(join(ROOT, 'dist/services/main.js'))) throw new Error('there is no dist: run `npm run build` first');
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-clients-'));
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  const sipPort = await freePort();
  const webPort = await freePort();
  const settings: Settings = {
    DATA_DIR: dataDir,
    SIP_DOMAIN: DOMAIN,
    SIP_LISTEN: `udp:127.0.0.1:${sipPort}`,
    WEB_LISTEN: `127.0.0.1:${webPort}`,
    NOTIFY_PACE: '0',
    ...given,
  };
  const databaseUrl = settings['DATABASE_URL'] ?? `file:${join(dataDir, 'porchlight.db')}`;
  // As npm start does before it starts the services.
  const secrets = openSecrets(readKeyFile(join(dataDir, 'key')));
  await migrate(databaseUrl, { log: silentLog });
  const store = await openStore(databaseUrl, { clock: systemClock, log: silentLog });
  /** How each is ended when nobody did: a phone would wait for answers that do not come any more. */
  const running = new Map<Running, NodeJS.Signals>();
  const peers: Peer[] = [];
  const server = `127.0.0.1:${sipPort}`;

  function keep(one: Running, signal: NodeJS.Signals): Running {
    running.set(one, signal);
    void one.ended.then(() => running.delete(one));
    return one;
  }
  const program: Place['program'] = (name, words, options) =>
    keep(startProgram(name, words, { cwd: folder, ...options }), options?.endedBy ?? 'SIGKILL');
  const script = (path: string, words: readonly string[] = [], more: Settings = {}): Running => {
    const env = { ...settings, ...more };
    return keep(startProgram(process.execPath, [join(ROOT, path), ...words], { cwd: folder, env }), 'SIGTERM');
  };

  async function porchlight(words: readonly string[], input = ''): Promise<Ending> {
    const one = script('services/porchlight.mjs', words);
    one.write(input, true);
    const how = await within(one.ended, `porchlight ${words.join(' ')}`);
    if (how.status !== 0)
      throw new Error(`porchlight ${words.join(' ')}: ${one.lines.map(({ text }) => text).join(' ')}`);
    return how;
  }

  return {
    folder,
    server,
    portal: `http://127.0.0.1:${webPort}`,
    settings,
    store,
    script,
    program,
    porchlight,
    async startSip(more) {
      const service = script('dist/services/main.js', [], more);
      await service.until(/"SIP service ready"/);
      return service;
    },
    async startPortal(more) {
      const service = script('dist/web/main.js', [], more);
      await service.until(/"portal ready"/);
      return service;
    },
    async npmStart() {
      const both = script('services/start.mjs');
      await both.until(/Ctrl-C ends it/);
      return both;
    },
    async addUsers(...users) {
      const realm = await settleRealm(store.settings, undefined, DOMAIN);
      const accounts = users.map((user) => ({
        aor: aor(user),
        username: user,
        domain: DOMAIN,
        passwordHash: undefined,
        credentials: secrets.credentialsFor(user, realm, passwordOf(user)),
        createdAt: systemClock.now(),
      }));
      await store.accounts.createMany(accounts);
    },
    async allowAll(owner) {
      const subject = EVERYBODY as Subject;
      await store.rules.set({ owner: aor(owner), subject, event: 'presence', permission: 'allow' });
    },
    rule: (owner, watcher, permission) => porchlight(['rule', 'set', owner, uri(watcher), 'presence', permission]),
    async peer(user, at = server) {
      const transport = await openPeerPort();
      const { name } = transport;
      const address = name.replace(/^udp:/, '');
      const peer = makePeer({ transport, clock: systemClock, address, server: at, user, password: passwordOf(user) });
      peers.push(peer);
      return peer;
    },
    async close() {
      await Promise.all([...running].map(([one, signal]) => one.end(signal)));
      await Promise.all(peers.map((peer) => peer.close()));
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A PIDF as a simple phone publishes it. */
export function pidf(user: string, basic: 'open' | 'closed', note = ''): string {
  const noted = note === '' ? '' : `<note>${note}</note>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${uri(user)}"><tuple id="t1"><status><basic>${basic}</basic></status>${noted}</tuple></presence>`;
}
