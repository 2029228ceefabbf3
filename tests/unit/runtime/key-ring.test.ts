import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ConfigError, nextKeyFile, openKeyRing, readKeyFile } from '#runtime';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { makeTemporaryFolder } from '../../support/stores.ts';

const dataDir = makeTemporaryFolder('key-ring');
const path = join(dataDir, 'key');
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
const OURS = { key: undefined, keyFile: undefined, dataDir };

it('the next key comes first while it is there, and takes the place of the other; the list is the same while nothing changed', async () => {
  const clock = makeFakeClock();
  const ring = openKeyRing(OURS, clock);
  const old = readKeyFile(path);
  expect(ring()).toEqual([old]);
  const next = readKeyFile(nextKeyFile(path));
  expect(ring()).toEqual([old]);
  await clock.advance(1_000);
  const both = ring();
  expect(both).toEqual([next, old]);
  await clock.advance(1_000);
  expect(ring()).toBe(both);
  renameSync(nextKeyFile(path), path);
  await clock.advance(1_000);
  expect(ring()).toEqual([next]);
});

it('a key file that cannot be read any more leaves what was known', async () => {
  const clock = makeFakeClock();
  const ring = openKeyRing(OURS, clock);
  const before = ring();
  writeFileSync(path, 'no key');
  await clock.advance(1_000);
  expect(ring()).toBe(before);
  expect(() => openKeyRing(OURS, clock)).toThrow(ConfigError);
});

it('a key that is given from outside is the only one, whatever lies in DATA_DIR', () => {
  const key = new Uint8Array(32).fill(3);
  readKeyFile(nextKeyFile(path));
  expect(openKeyRing({ ...OURS, key }, makeFakeClock())()).toEqual([key]);
});
