import { Readable, Writable } from 'node:stream';
import { makeDomains, makeRealms } from '#model';
import { ConfigError, makeRandom } from '#runtime';
import { makeMemoryStore, openSecrets, type Store } from '#store';
import type { Surroundings } from '../../../services/cli/check.ts';
import type { KeyPlace } from '../../../services/cli/key-place.ts';
import type { CliDeps } from '../../../services/cli/outcome.ts';
import { runProgram } from '../../../services/cli/program.ts';
import type { CliWorld } from '../../../services/cli/world.ts';
import { type FakeClock, makeFakeClock } from '../../support/fake-clock.ts';

export const NOW = Date.UTC(2026, 10, 1, 12, 0, 0);

export interface TestDeps extends CliDeps {
  readonly clock: FakeClock;
  readonly keys: MemoryKeys;
}

/** A key place without files. */
export interface MemoryKeys extends KeyPlace {
  key: Uint8Array;
  nextKey: Uint8Array | undefined;
}

export function makeKeys(byte: number, isOurs = true): MemoryKeys {
  const keys: MemoryKeys = {
    isOurs,
    name: isOurs ? '/data/key' : 'PORCHLIGHT_KEY',
    key: new Uint8Array(32).fill(byte),
    nextKey: undefined,
    current: () => keys.key,
    all: () => (keys.nextKey === undefined ? [keys.key] : [keys.nextKey, keys.key]),
    begin() {
      keys.nextKey ??= new Uint8Array(32).fill(byte + 100);
      return keys.nextKey;
    },
    finish() {
      if (keys.nextKey !== undefined) keys.key = keys.nextKey;
      keys.nextKey = undefined;
    },
  };
  return keys;
}

/** The memory store of example.com, which is also reached as 192.0.2.1. */
export function makeDeps(
  given: { readonly store?: Store; readonly keyByte?: number; readonly isOurs?: boolean } = {},
): TestDeps {
  const clock = makeFakeClock(NOW);
  const domains = makeDomains(['example.com'], ['192.0.2.1', 'porch.local']);
  const keys = makeKeys(given.keyByte ?? 7, given.isOurs);
  return {
    store: given.store ?? makeMemoryStore({ clock }),
    keys,
    secrets: openSecrets(keys.key),
    domains,
    realms: makeRealms(domains, 'example.com'),
    defaultRegistration: 'open',
    clock,
    random: makeRandom(),
    isGone: () => false,
  };
}

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface Given {
  readonly password?: string | undefined;
  /** By path; what is made is added. */
  readonly files?: Record<string, string>;
  readonly surroundings?: Surroundings;
}

/** Runs one command line against the deps as main.ts would, with files and the password from here. */
export async function run(deps: CliDeps, words: readonly string[], given: Given = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const files = given.files ?? {};
  const textOf = (path: string): Buffer => {
    const text = files[path];
    if (text === undefined) throw new Error(`cannot read ${path}: there is no such file`);
    return Buffer.from(text, 'utf8');
  };
  const world: CliWorld = {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    askPassword: async () => given.password,
    openFile: async (path) => Readable.from([textOf(path)]),
    async openTwice(path) {
      const bytes = textOf(path);
      return { open: () => Readable.from(inPieces(bytes)), close: async () => undefined };
    },
    async createFile(path) {
      if (path in files) throw new Error(`cannot make ${path}: there is one already`);
      const pieces: string[] = [];
      const stream = new Writable({
        write(chunk, _encoding, done) {
          pieces.push(String(chunk));
          done();
        },
      });
      return {
        stream,
        async keep() {
          if (path === '-') out.push(pieces.join(''));
          else files[path] = pieces.join('');
        },
        drop: async () => undefined,
      };
    },
    keyOf: () => new Uint8Array(32).fill(200),
    withDeps: (work) => work(deps),
    withNew: (work) => work(deps),
    surroundings: given.surroundings ?? {
      ...({} as Surroundings),
      config() {
        throw new ConfigError('not here');
      },
    },
  };
  const status = await runProgram(words, world);
  return { status, out: out.join('\n'), err: err.join('\n') };
}

/** Cut where no line and no character ends. */
function inPieces(bytes: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += 61) pieces.push(bytes.subarray(start, start + 61));
  return pieces;
}
