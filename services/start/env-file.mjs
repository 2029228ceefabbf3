/** Reads `.env` of the working directory into the environment when there is one; what is set already stays. */
export function readEnvFile() {
  try {
    process.loadEnvFile('.env');
  } catch (fault) {
    if (fault.code !== 'ENOENT') throw fault;
  }
}
