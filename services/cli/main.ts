/** The command line's process: reads the configuration, opens the real store for one command, closes it. */
import { createReadStream, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { makeDomains } from '#model';
import { ConfigError, readConfig, readKey, silentLog, systemClock } from '#runtime';
import { openSecrets, openStore, StoreUnavailable, settleRealm } from '#store';
import { askPassword } from './ask-password.ts';
import { type CliDeps, type Outcome, STATUS } from './outcome.ts';
import { type CliWorld, runProgram } from './program.ts';

/** Runs one command line. @param words without the program's own name. @returns the exit status. */
export async function runFromCommandLine(words: readonly string[]): Promise<number> {
  const world: CliWorld = {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    askPassword: () => askPassword(process.stdin, process.stderr),
    openFile,
    withDeps,
  };
  // `porchlight user list | head`: whoever reads may have enough.
  process.stdout.on('error', (fault: NodeJS.ErrnoException) => process.exit(fault.code === 'EPIPE' ? 0 : 1));
  try {
    return await runProgram(words, world);
  } catch (fault) {
    if (!(fault instanceof ConfigError || fault instanceof StoreUnavailable)) throw fault;
    const why =
      fault instanceof ConfigError
        ? fault.message
        : `the database cannot be reached: ${fault.message.split('\n', 1)[0]}`;
    if (words.includes('--json')) world.out(JSON.stringify({ error: why }));
    else world.err(`porchlight: ${why}`);
    return STATUS.misused;
  }
}

/** @throws ConfigError where a database or a key would have to be made: that is the services' first start. */
async function withDeps(work: (deps: CliDeps) => Promise<Outcome>): Promise<Outcome> {
  const config = readConfig();
  const keyFile = config.key === undefined && config.keyFile === undefined ? join(config.dataDir, 'key') : undefined;
  const database = config.databaseUrl.startsWith('file:') ? config.databaseUrl.slice('file:'.length) : undefined;
  for (const path of [database, keyFile]) {
    if (path !== undefined && !existsSync(path)) {
      throw new ConfigError(`there is no ${path}: start Porchlight once, or set DATA_DIR to where it keeps its files`);
    }
  }
  const clock = systemClock;
  const store = await openStore(config.databaseUrl, { clock, log: silentLog });
  try {
    return await work({
      store,
      secrets: openSecrets(readKey(config)),
      domains: makeDomains(config.domain, config.aliases),
      realm: await settleRealm(store.settings, config.realm, config.domain),
      clock,
    });
  } finally {
    await store.close();
  }
}

async function openFile(path: string): Promise<Readable> {
  if (path === '-') return process.stdin;
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw new Error('it is a folder');
    }
    await file.close();
  } catch (fault) {
    const code = (fault as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : (code ?? (fault as Error).message);
    throw new Error(`cannot read ${path}: ${why}`);
  }
  return createReadStream(path);
}
