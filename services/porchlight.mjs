#!/usr/bin/env node
/** The bin `porchlight`: the administrator's command line, services/cli, as it was built by `npm start`. */
import { existsSync } from 'node:fs';
import { readEnvFile } from './start/env-file.mjs';
import { oldNode } from './start/node-version.mjs';

const main = new URL('../dist/services/cli/main.js', import.meta.url);
const unbuilt = existsSync(main)
  ? undefined
  : 'Porchlight is not built yet. Run `npm start` once, or `npm ci && npm run build`, then try again.';
const refusal = oldNode(process.version) ?? unbuilt ?? readEnvFile();
if (refusal === undefined) {
  const { runFromCommandLine } = await import(main.href);
  process.exitCode = await runFromCommandLine(process.argv.slice(2));
} else {
  console.error(refusal);
  process.exitCode = 2;
}
