#!/usr/bin/env node
/**
 * What `npm start` runs: from a fresh clone to a running Porchlight. Plain JavaScript without dependencies, because it
 * runs before anything is installed. The steps are in start/.
 */
import { oldNode } from './start/node-version.mjs';

const refusal = oldNode(process.version) ?? (await import('./start/env-file.mjs')).readEnvFile();
if (refusal === undefined) {
  const { runFromCommandLine } = await import('./start/run.mjs');
  process.exitCode = await runFromCommandLine(process.argv.slice(2), process.env);
} else {
  console.error(refusal);
  process.exitCode = 2;
}
