import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Config, ConfigError } from './config.ts';

const KEY_BYTES = 32;
const BASE64_OF_KEY = /^[A-Za-z0-9+/]{43}=$/;

/**
 * The installation's secret, 32 bytes: PORCHLIGHT_KEY, else what the file holds that PORCHLIGHT_KEY_FILE names, else
 * DATA_DIR/key, which alone is made when it is missing: two containers that each made one would never agree. Who may read
 * the named file is the matter of whoever put it there: an engine shows a secret to its container as a file for everybody.
 * @throws ConfigError, one line.
 */
export function readKey({ key, keyFile, dataDir }: Pick<Config, 'key' | 'keyFile' | 'dataDir'>): Uint8Array {
  if (key !== undefined) return key;
  if (keyFile === undefined) return readKeyFile(join(dataDir, 'key'));
  const found = read(keyFile, false);
  if (found !== undefined) return found;
  throw new ConfigError(`key file ${keyFile}: there is none; give the key in PORCHLIGHT_KEY, or mount the file`);
}

/**
 * The installation's secret: 32 bytes, kept as one line of base64 in a file that only its owner may read (0600). A missing
 * file is made, and its folder (0700) too; processes that start together agree on one key.
 *
 * @throws ConfigError, one line naming the file, when it is open to others, empty, malformed, or cannot be read or made.
 */
export function readKeyFile(path: string): Uint8Array {
  return read(path) ?? make(path);
}

function read(path: string, isOwnersOnly = true): Uint8Array | undefined {
  let text: string;
  try {
    const file = openSync(path, 'r');
    try {
      // Asked of the open file, not of the name, so that nothing can be put in its place in between. Windows has no such bits.
      const mode = fstatSync(file).mode & 0o777;
      if (isOwnersOnly && (mode & 0o077) !== 0 && process.platform !== 'win32')
        throw new ConfigError(
          `key file ${path}: others may read it (mode ${mode.toString(8).padStart(4, '0')}); run: chmod 600 ${path}`,
        );
      text = readFileSync(file, 'latin1').trim();
    } finally {
      closeSync(file);
    }
  } catch (fault) {
    if (codeOf(fault) === 'ENOENT') return undefined;
    throw fault instanceof ConfigError ? fault : cannot('be read', path, fault);
  }
  if (text === '') throw new ConfigError(`key file ${path}: it is empty; restore it, or remove it to make a new key`);
  if (!BASE64_OF_KEY.test(text))
    throw new ConfigError(`key file ${path}: it does not hold ${KEY_BYTES} bytes in base64`);
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/**
 * The key is written whole under another name and then linked to its own: a link is never made over an existing file, so
 * one of two processes wins and neither ever reads half a key.
 */
function make(path: string): Uint8Array {
  const folder = dirname(path);
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
      // Accounts will be sealed under this key: it must not be lost with the power.
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    linkSync(draft, path);
    syncFolder(folder);
  } catch (fault) {
    if (codeOf(fault) !== 'EEXIST') throw cannot('be made', path, fault);
  } finally {
    rmSync(draft, { force: true });
  }
  const key = read(path);
  if (key === undefined) throw new ConfigError(`key file ${path}: it vanished while it was being made`);
  return key;
}

/** The key of the first file is the key of the second from now on; what that held is gone. @throws ConfigError */
export function moveKeyFile(from: string, to: string): void {
  try {
    renameSync(from, to);
    syncFolder(dirname(to));
  } catch (fault) {
    throw cannot('be put in place', to, fault);
  }
}

/** Not every system lets a folder be synced; then the name is as safe as that system makes it. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {}
}

function cannot(what: string, path: string, fault: unknown): ConfigError {
  return new ConfigError(`key file ${path}: it cannot ${what} (${codeOf(fault) ?? String(fault)})`);
}

function codeOf(fault: unknown): string | undefined {
  return fault instanceof Error && 'code' in fault ? String(fault.code) : undefined;
}
