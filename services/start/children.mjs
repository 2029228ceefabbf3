import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A child that has not ended this long after it was asked is killed. */
export const GRACE_MS = 4500;
const END_WITH_PARENT = fileURLToPath(new URL('./end-with-parent.mjs', import.meta.url));

/**
 * Starts a service as a process of its own, on the same terminal.
 * @param title how people call it: `the SIP service`.
 * @param words for node itself.
 * @returns `{ title, pid, exited, isGone(), kill(signal), send(message) }`; `exited` resolves to `{ status, signal }`, never
 * rejects.
 */
export function startChild(title, script, environment, words = []) {
  const child = spawn(process.execPath, [...words, '--import', END_WITH_PARENT, script], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let gone = false;
  const exited = new Promise((resolve) => {
    child.once('error', () => resolve({ status: 1, signal: null }));
    child.once('exit', (status, signal) => resolve({ status, signal }));
  }).then((how) => {
    gone = true;
    return how;
  });
  return {
    title,
    pid: child.pid,
    exited,
    isGone: () => gone,
    kill: (signal) => child.kill(signal),
    // Who is gone already tells so by `exited`.
    send: (message) => void child.send(message, () => undefined),
  };
}

/** Asks all to end (SIGTERM), waits, and kills those that do not. */
export async function endAll(children, graceMs = GRACE_MS) {
  const left = children.filter((child) => !child.isGone());
  for (const child of left) child.kill('SIGTERM');
  const deadline = setTimeout(() => {
    for (const child of left) if (!child.isGone()) child.kill('SIGKILL');
  }, graceMs);
  await Promise.all(left.map((child) => child.exited));
  clearTimeout(deadline);
}

/** `ended with status 1`, `was ended by SIGKILL`. */
export function howItEnded({ status, signal }) {
  return signal === null ? `ended with status ${status}` : `was ended by ${signal}`;
}
