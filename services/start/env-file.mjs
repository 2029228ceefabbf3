import { readFileSync } from 'node:fs';

/**
 * Reads `.env` of the working directory into the environment when there is one; what is set already stays.
 * @returns one line when it is there and cannot be read, undefined otherwise.
 */
export function readEnvFile(path = '.env') {
  try {
    // Node's own loader takes a file that it may not read for one that is not there.
    readFileSync(path);
    process.loadEnvFile(path);
  } catch (fault) {
    if (fault.code !== 'ENOENT') return `${path}: it cannot be read (${fault.code})`;
  }
  return undefined;
}
