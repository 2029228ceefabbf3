import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, readConfig, readKey, readKeyFile } from '#runtime';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-key-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

function refusal(path: string): string {
  try {
    readKeyFile(path);
  } catch (fault) {
    expect(fault).toBeInstanceOf(ConfigError);
    return (fault as Error).message;
  }
  return 'no error';
}

describe('the key file', () => {
  it('is made when missing: 32 bytes, 0600, in a folder of its own, 0700', () => {
    const path = join(folder, 'fresh', 'deep', 'key');
    const key = readKeyFile(path);
    expect(key).toHaveLength(32);
    expect(new Set(key).size).toBeGreaterThan(8);
    expect(modeOf(path)).toBe(0o600);
    expect(modeOf(join(folder, 'fresh'))).toBe(0o700);
    expect(modeOf(join(folder, 'fresh', 'deep'))).toBe(0o700);
    expect(readdirSync(join(folder, 'fresh', 'deep'))).toEqual(['key']);
  });

  it('is the same at the next start, and another in another place', () => {
    const path = join(folder, 'key');
    const key = readKeyFile(path);
    expect(readKeyFile(path)).toEqual(key);
    expect(Buffer.from(readFileSync(path, 'utf8').trim(), 'base64')).toEqual(Buffer.from(key));
    expect(readKeyFile(join(folder, 'other'))).not.toEqual(key);
  });

  it('a folder that is there keeps its mode', () => {
    const mine = join(folder, 'mine');
    mkdirSync(mine, { mode: 0o755 });
    chmodSync(mine, 0o755);
    readKeyFile(join(mine, 'key'));
    expect(modeOf(mine)).toBe(0o755);
  });

  it.each([0o640, 0o604, 0o644, 0o620])('one that others may touch (%o) is refused with what to do', (mode) => {
    const path = join(folder, 'key');
    readKeyFile(path);
    chmodSync(path, mode);
    expect(refusal(path)).toMatch(/key file .*: others may read it .*chmod 600/);
  });

  it.each([
    ['', 'it is empty'],
    ['\n', 'it is empty'],
    ['not base64 at all', 'does not hold 32 bytes'],
    [Buffer.alloc(31, 1).toString('base64'), 'does not hold 32 bytes'],
    [Buffer.alloc(33, 1).toString('base64'), 'does not hold 32 bytes'],
    [`${Buffer.alloc(32, 1).toString('base64')} and more`, 'does not hold 32 bytes'],
  ])('one that holds %j is refused and left as it is', (text, why) => {
    const path = join(folder, 'key');
    writeFileSync(path, text, { mode: 0o600 });
    expect(refusal(path)).toContain(why);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('a folder in its place, or a file in place of its folder, is one clear line', () => {
    expect(refusal(folder)).toMatch(/^key file .*: it cannot be read \(EISDIR\)$/);
    writeFileSync(join(folder, 'file'), '');
    expect(refusal(join(folder, 'file', 'key'))).toMatch(/^key file .*: it cannot be (read|made) \(ENOTDIR\)$/);
  });

  it('processes that start together agree on one key and leave nothing else behind', async () => {
    const path = join(folder, 'together', 'key');
    const starter = fileURLToPath(new URL('./key-file-starter.ts', import.meta.url));
    const children = Array.from({ length: 4 }, () =>
      fork(starter, [path], { execArgv: ['--conditions=source', '--import', 'tsx'] }),
    );
    // Each says that it is loaded, and then all are let go in one step.
    await Promise.all(children.map((child) => once(child, 'message')));
    const answers = children.map((child) => once(child, 'message'));
    for (const child of children) child.send('go');
    const keys = new Set((await Promise.all(answers)).map(([key]) => String(key)));
    expect([...keys]).toEqual([Buffer.from(readKeyFile(path)).toString('base64')]);
    expect(readdirSync(join(folder, 'together'))).toEqual(['key']);
  });
});

describe('the key of the settings', () => {
  const one = Buffer.alloc(32, 1).toString('base64');
  const other = Buffer.alloc(32, 2).toString('base64');
  const keyOf = (settings: Record<string, string>): string =>
    Buffer.from(readKey(readConfig({ DATA_DIR: folder, ...settings }))).toString('base64');

  it('PORCHLIGHT_KEY goes before PORCHLIGHT_KEY_FILE, and neither lets a key be made', () => {
    const path = join(folder, 'secret');
    writeFileSync(path, `${other}\n`, { mode: 0o600 });
    expect(keyOf({ PORCHLIGHT_KEY: one, PORCHLIGHT_KEY_FILE: path })).toBe(one);
    expect(keyOf({ PORCHLIGHT_KEY_FILE: path })).toBe(other);
    expect(readdirSync(folder)).toEqual(['secret']);
    expect(keyOf({})).toBe(readFileSync(join(folder, 'key'), 'utf8').trim());
  });

  it('a named file that is missing is one line and not made, so that two containers never make two keys', () => {
    const path = join(folder, 'nobody-mounted-it');
    expect(() => keyOf({ PORCHLIGHT_KEY_FILE: path })).toThrow(
      new ConfigError(`key file ${path}: there is none; give the key in PORCHLIGHT_KEY, or mount the file`),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('a named file may be for everybody, as an engine shows secrets; what it holds must be a key all the same', () => {
    const path = join(folder, 'secret');
    writeFileSync(path, one);
    chmodSync(path, 0o444);
    expect(keyOf({ PORCHLIGHT_KEY_FILE: path })).toBe(one);
    chmodSync(path, 0o644);
    writeFileSync(path, 'short');
    expect(() => keyOf({ PORCHLIGHT_KEY_FILE: path })).toThrow(/does not hold 32 bytes/);
  });

  it('a wrong PORCHLIGHT_KEY is not repeated in what is said about it', () => {
    const lineOf = (key: string): string => {
      try {
        return keyOf({ PORCHLIGHT_KEY: key });
      } catch (fault) {
        return (fault as Error).message;
      }
    };
    expect(lineOf('secret-but-short')).toBe('PORCHLIGHT_KEY: it must be 32 bytes in base64');
  });
});
