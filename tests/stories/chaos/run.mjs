#!/usr/bin/env node
/** `npm run chaos -- HOURS [SEED]`: so many hours of chaos in fake time, of seeds from SEED on (random when not given). */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const [hours = '10', from = String(randomInt(1_000_000))] = process.argv.slice(2);
if (![hours, from].every((word) => /^\d+$/.test(word))) {
  console.error('npm run chaos -- HOURS [SEED], both numbers');
  process.exit(2);
}
for (let index = 0; index < Number(hours); index += 1) {
  const seed = String(Number(from) + index);
  const { status } = spawnSync(
    process.execPath,
    [`${ROOT}node_modules/vitest/vitest.mjs`, 'run', 'tests/stories/chaos', '--reporter=dot'],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, CHAOS_SEEDS: seed } },
  );
  if (status !== 0) {
    console.error(`seed ${seed} failed; again: npm run chaos -- 1 ${seed}`);
    process.exit(1);
  }
}
