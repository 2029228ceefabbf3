import { Readable } from 'node:stream';
import { makeDomains } from '#model';
import { makeMemoryStore, openSecrets } from '#store';
import type { CliDeps } from '../../../services/cli/outcome.ts';
import { type CliWorld, runProgram } from '../../../services/cli/program.ts';
import { makeFakeClock } from '../../support/fake-clock.ts';

export const NOW = Date.UTC(2026, 10, 1, 12, 0, 0);

/** The memory store of example.com, which is also reached as 192.0.2.1. */
export function makeDeps(): CliDeps {
  const clock = makeFakeClock(NOW);
  return {
    store: makeMemoryStore({ clock }),
    secrets: openSecrets(new Uint8Array(32).fill(7)),
    domains: makeDomains('example.com', ['192.0.2.1', 'porch.local']),
    realm: 'example.com',
    clock,
  };
}

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line against the deps as main.ts would, with files and the password from here. */
export async function run(
  deps: CliDeps,
  words: readonly string[],
  given: { readonly password?: string | undefined; readonly files?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const world: CliWorld = {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    askPassword: async () => given.password,
    async openFile(path) {
      const text = given.files?.[path];
      if (text === undefined) throw new Error(`cannot read ${path}: there is no such file`);
      return Readable.from([Buffer.from(text, 'utf8')]);
    },
    withDeps: (work) => work(deps),
  };
  const status = await runProgram(words, world);
  return { status, out: out.join('\n'), err: err.join('\n') };
}
