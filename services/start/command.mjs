import { spawn } from 'node:child_process';

/** How long a quiet command may run before a line says that it still does. */
const PATIENCE_MS = 10_000;

/**
 * Runs one command quietly: its output is kept and comes back; a long one is announced to still run now and then.
 * @returns `{ status, output }`; status is null when a signal ended it. A command that cannot be started is a fault.
 */
export function runQuietly(command, commandArguments, { cwd, env, say, title }) {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(command, commandArguments, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const pieces = [];
    const reminder = setInterval(() => {
      say(`  … ${title}: ${Math.round((performance.now() - startedAt) / 1000)} s`);
    }, PATIENCE_MS);
    child.stdout.on('data', (piece) => pieces.push(piece));
    child.stderr.on('data', (piece) => pieces.push(piece));
    child.once('error', (fault) => {
      clearInterval(reminder);
      reject(fault);
    });
    child.once('close', (status) => {
      clearInterval(reminder);
      resolve({ status, output: Buffer.concat(pieces).toString('utf8') });
    });
  });
}
