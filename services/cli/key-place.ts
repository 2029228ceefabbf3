import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError, moveKeyFile, nextKeyFile, readKey, readKeyFile } from '#runtime';

/**
 * Where the installation's key is, and how it is changed. While a change goes on there are two keys: `key.next` beside
 * `key`, until every seal is made with the new one.
 */
export interface KeyPlace {
  /** False where the operator keeps it (PORCHLIGHT_KEY, PORCHLIGHT_KEY_FILE): then it cannot be changed from here. */
  readonly isOurs: boolean;
  /** In words, for messages. */
  readonly name: string;
  /** @throws ConfigError when it cannot be had. */
  current(): Uint8Array;
  /** That one, and the next while it is being changed. */
  all(): readonly Uint8Array[];
  /** Makes `key.next`, or gives the one that is there. @throws ConfigError */
  begin(): Uint8Array;
  /** The next key is the key; the old one is gone. @throws ConfigError */
  finish(): void;
}

export function keyPlaceOf(config: Pick<Config, 'key' | 'keyFile' | 'dataDir'>): KeyPlace {
  const isOurs = config.key === undefined && config.keyFile === undefined;
  const path = join(config.dataDir, 'key');
  return {
    isOurs,
    name: config.keyFile ?? (isOurs ? path : 'PORCHLIGHT_KEY'),
    current() {
      if (isOurs && !existsSync(path)) throw new ConfigError(`there is no ${path}: start Porchlight once first`);
      return readKey(config);
    },
    all() {
      const next = nextKeyFile(path);
      return isOurs && existsSync(next) ? [readKeyFile(next), this.current()] : [this.current()];
    },
    begin: () => readKeyFile(nextKeyFile(path)),
    finish: () => moveKeyFile(nextKeyFile(path), path),
  };
}
