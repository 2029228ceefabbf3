#!/usr/bin/env node
/** `npm run mutation -- ROOM…`: mutates rooms of services, one after the other, at low priority (docs/mutation.md). */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ROOMS = ['policy', 'publish', 'gate', 'subscribe', 'notify'];

const asked = process.argv.slice(2);
const strange = asked.filter((room) => !existsSync(`${ROOT}services/${room}/index.ts`));
if (strange.length > 0) {
  console.error(`npm run mutation knows rooms of services, ${ROOMS.join(', ')} by default; not ${strange.join(', ')}`);
  process.exit(2);
}
setPriority(19);
for (const room of asked.length > 0 ? asked : ROOMS) {
  const words = ['run', 'tests/mutation/stryker.config.mjs', '-m', `services/${room}/*.ts`];
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
  renameSync(`${ROOT}reports/mutation/mutation.json`, `${ROOT}reports/mutation/${room}.json`);
}
