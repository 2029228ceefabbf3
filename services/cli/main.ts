/** The command line's process: reads the configuration, opens the real store for one command, closes it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeDomains, makeRealms } from '#model';
import { isProcessAlive, thisHost } from '#node';
import {
  type Config,
  ConfigError,
  makeRandom,
  openKeyRing,
  readConfig,
  readKeyFile,
  silentLog,
  systemClock,
} from '#runtime';
import { migrate, openSecrets, openStore, StoreUnavailable, settleRealm } from '#store';
import { askPassword } from './ask-password.ts';
import { createFile, openFile, openTwice } from './files.ts';
import { keyPlaceOf } from './key-place.ts';
import { type CliDeps, type Outcome, STATUS, type UpkeepDeps } from './outcome.ts';
import { runProgram } from './program.ts';
import { realSurroundings } from './surroundings.ts';
import type { CliWorld } from './world.ts';

/** Runs one command line. @param words without the program's own name. @returns the exit status. */
export async function runFromCommandLine(words: readonly string[]): Promise<number> {
  const world: CliWorld = {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    askPassword: () => askPassword(process.stdin, process.stderr),
    openFile,
    openTwice,
    createFile,
    keyOf: readKeyFile,
    withDeps,
    withNew,
    surroundings: realSurroundings(systemClock),
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
  return withStore(config, async (deps) => {
    const domains = makeDomains(config.domains, config.aliases);
    const realm = await settleRealm(deps.store.settings, config.realm, config.domain);
    const { defaultRegistration } = config;
    return work({ ...deps, domains, realms: makeRealms(domains, realm), defaultRegistration });
  });
}

/** Makes tables and key first, as the first start does. */
async function withNew(work: (deps: UpkeepDeps) => Promise<Outcome>): Promise<Outcome> {
  const config = readConfig();
  await migrate(config.databaseUrl, { log: silentLog });
  return withStore(config, work);
}

async function withStore(config: Config, work: (deps: UpkeepDeps) => Promise<Outcome>): Promise<Outcome> {
  const clock = systemClock;
  const secrets = openSecrets(openKeyRing(config, clock));
  const store = await openStore(config.databaseUrl, { clock, log: silentLog });
  try {
    return await work({
      store,
      secrets,
      keys: keyPlaceOf(config),
      clock,
      random: makeRandom(),
      isGone: ({ host, pid }) => host === thisHost() && !isProcessAlive(pid),
    });
  } finally {
    await store.close();
  }
}
