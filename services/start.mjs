#!/usr/bin/env node
/**
 * What `npm start` runs: from a fresh clone to a running Porchlight. Plain JavaScript without dependencies, because it
 * runs before anything is installed. The steps are in start/.
 */
import { oldNode } from './start/node-version.mjs';

const refusal = oldNode(process.version);
if (refusal === undefined) {
  const { readEnvFile } = await import('./start/env-file.mjs');
  const { runFromCommandLine } = await import('./start/run.mjs');
  readEnvFile();
  process.exitCode = await runFromCommandLine(process.argv.slice(2), process.env);
} else {
  console.error(refusal);
  process.exitCode = 2;
}
