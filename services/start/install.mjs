import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from './command.mjs';
import { StartRefused } from './refusal.mjs';

const STAMP = 'node_modules/.porchlight-installed';

/** What was installed: another lock file, another Node or another kind of machine means installing again. */
export function installStamp(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex');
  return `${hash} ${process.version} ${process.platform}-${process.arch}`;
}

/** True when node_modules is what the lock file says, put there by us or by somebody's own `npm ci`. */
export function isInstalled(root) {
  const stamp = readIfThere(join(root, STAMP));
  if (stamp !== undefined) return stamp === installStamp(root);
  const installed = readIfThere(join(root, 'node_modules/.package-lock.json'));
  if (installed === undefined) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(installed).packages;
  return Object.entries(wanted).every(
    ([place, { version, optional }]) =>
      place === '' || (found[place] === undefined ? optional === true : found[place].version === version),
  );
}

/** Installs with `npm ci` when something is missing. @throws StartRefused with npm's last words when it fails. */
export async function install(root, environment, say) {
  if (!isInstalled(root)) {
    say('Installing packages (npm ci; the first time takes about a minute) …');
    const [command, first] = npmCommand(environment);
    // The build needs development packages whatever NODE_ENV says, and SQLite's binary is an optional package.
    const words = [
      ...first,
      'ci',
      '--include=dev',
      '--include=optional',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    const { status, output } = await runQuietly(command, words, { cwd: root, env: environment, say, title: 'npm ci' });
    if (status !== 0) {
      throw new StartRefused(`npm ci failed${status === null ? '' : ` with status ${status}`}:\n${output.trimEnd()}`);
    }
  }
  if (!existsSync(join(root, STAMP))) writeFileSync(join(root, STAMP), installStamp(root));
}

/** The npm that runs us, else the one on the PATH. */
function npmCommand(environment) {
  const script = environment.npm_execpath;
  if (script !== undefined && /npm-cli\.[cm]?js$/.test(script)) return [process.execPath, [script]];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (fault) {
    if (fault.code === 'ENOENT') return undefined;
    throw fault;
  }
}
