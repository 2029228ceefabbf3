import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { readKey, readKeyFile } from './key-file.ts';

/** The files are looked at again no more often than this. */
const LOOK_MS = 1000;

/** Where the next key is while the key is being changed: beside the one in use. */
export function nextKeyFile(keyFile: string): string {
  return `${keyFile}.next`;
}

/**
 * The keys there are now: while the key in DATA_DIR is being changed, the next one first, then the one in use; else one.
 * The same list as long as nothing changed. Files that cannot be read later on leave it as it was.
 * @throws ConfigError when there is no key at first.
 */
export function openKeyRing(
  config: Pick<Config, 'key' | 'keyFile' | 'dataDir'>,
  clock: Clock,
): () => readonly Uint8Array[] {
  const isOurs = config.key === undefined && config.keyFile === undefined;
  let keys = read();
  let readAt = clock.now();

  function read(): readonly Uint8Array[] {
    const next = nextKeyFile(join(config.dataDir, 'key'));
    // The next one first: it takes the other's name at the end, and would be missed by who looks the other way round.
    const coming = isOurs && existsSync(next) ? [readKeyFile(next)] : [];
    return [...coming, readKey(config)];
  }

  return () => {
    if (!isOurs || clock.now() - readAt < LOOK_MS) return keys;
    readAt = clock.now();
    try {
      const now = read();
      if (!same(now, keys)) keys = now;
    } catch {
      // Said by the next start; what is known goes on working.
    }
    return keys;
  };
}

function same(one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean {
  return one.length === other.length && one.every((key, index) => Buffer.compare(key, other[index] ?? key) === 0);
}
