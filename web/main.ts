import { makeDomains } from '#model';
import { ConfigError, makeLog, makeRandom, onShutdown, readKeyFile, systemClock } from '#runtime';
import { openSecrets, openStore } from '#store';
import { buildApp } from './app.ts';
import { readWebConfig, type WebConfig } from './config.ts';

/** The portal's composition root: configuration in, a listening portal out. */
async function main(): Promise<void> {
  const config = readWebConfig();
}
