/**
 * Reads `.env` of the working directory into the environment when there is one; what is set already stays.
 * @returns one line when it is there and cannot be read, undefined otherwise.
 */
export function readEnvFile(path = '.env') {
  try {
    process.loadEnvFile(path);
  } catch (fault) {
    if (fault.code !== 'ENOENT') return `${path}: it cannot be read (${fault.code})`;
  }
  return undefined;
}
