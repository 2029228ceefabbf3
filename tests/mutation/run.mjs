#!/usr/bin/env node
/** `npm run mutation -- ROOM… ROOM/FILE,FILE…`: mutates rooms of services, or files of them, one after the other, at low priority (docs/mutation.md). */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ROOMS = ['policy', 'publish', 'gate', 'subscribe', 'notify'];

const asked = process.argv.slice(2);
const runs = (asked.length > 0 ? asked : ROOMS).map((place) => {
  const [room, names] = place.split('/');
  const files = names?.split(',').map((name) => `services/${room}/${name.replace(/\.ts$/, '')}.ts`);
  const isThere =
    existsSync(`${ROOT}services/${room}/index.ts`) && (files ?? []).every((file) => existsSync(ROOT + file));
  return { place, room, files: files ?? [`services/${room}/*.ts`], isThere };
});
const strange = runs.filter(({ isThere }) => !isThere).map(({ place }) => place);
if (strange.length > 0) {
  console.error(`npm run mutation knows rooms of services, ${ROOMS.join(', ')} by default; not ${strange.join(', ')}`);
  process.exit(2);
}
setPriority(19);
for (const { place, room, files } of runs) {
  const words = ['run', 'tests/mutation/stryker.config.mjs', '-m', files.join(',')];
  const { status } = spawnSync(
    process.execPath,
    [`${ROOT}node_modules/@stryker-mutator/core/bin/stryker.js`, ...words],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, MUTATED_ROOM: room },
    },
  );
  if (status !== 0) process.exit(status ?? 1);
  mkdirSync(`${ROOT}reports/mutation`, { recursive: true });
  renameSync(`${ROOT}reports/mutation/mutation.json`, `${ROOT}reports/mutation/${place.replace('/', '+')}.json`);
}
