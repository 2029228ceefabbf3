#!/usr/bin/env node
/** `npm run fuzz -- 10m [SEED]`: looks for trouble that long, with each property in turn; `s`, `m` and `h` are known. */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 };
const [span = '1m', seed = String(randomInt(2 ** 31 - 1))] = process.argv.slice(2);
const match = /^(\d+)([smh])$/.exec(span);
if (match === null || !/^\d+$/.test(seed)) {
  console.error('npm run fuzz -- 10m [SEED]');
  process.exit(2);
}
const properties = readdirSync(`${ROOT}tests/fuzz`)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(`${ROOT}tests/fuzz/${name}`, 'utf8').split(' forAll(').length - 1)
  .reduce((sum, count) => sum + count, 0);
const each = Math.ceil((Number(match[1]) * UNITS[match[2]]) / properties);
console.log(`seed ${seed}: ${properties} properties, ${Math.round(each / 1000)} s each`);
const { status } = spawnSync(
  process.execPath,
  [`${ROOT}node_modules/vitest/vitest.mjs`, 'run', 'tests/fuzz', '--no-file-parallelism', '--reporter=verbose'],
  { cwd: ROOT, stdio: 'inherit', env: { ...process.env, FUZZ_MS: String(each), FUZZ_SEED: seed } },
);
process.exit(status ?? 1);
