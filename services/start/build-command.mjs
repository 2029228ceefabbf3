#!/usr/bin/env node
/** What `npm run build` runs: what npm start does before it starts, and nothing more. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { StartRefused } from './refusal.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
try {
  await build(root, process.env, (line) => console.log(line));
} catch (fault) {
  if (!(fault instanceof StartRefused)) throw fault;
  console.error(fault.message);
  process.exitCode = 1;
}
