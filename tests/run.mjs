#!/usr/bin/env node
/**
 * What `npm test` runs. Sets up what the suites need, runs the static checks and the suites, and closes with one line:
 * `N passed, N failed, N skipped`. Words select: `npm test -- lint types unit clients e2e`. With CI=true a suite that is
 * skipped is a failure. Plain JavaScript without dependencies: it runs before anything is installed.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../services/start/build.mjs';
import { install } from '../services/start/install.mjs';
import { StartRefused } from '../services/start/refusal.mjs';
import { CHECKS, runTool } from './driver/checks.mjs';
import { setUpTools } from './driver/debian.mjs';
import { readPlaywrightReport, readVitestReport, sum, verdict } from './driver/reports.mjs';
import { foldersOfSuites, playwrightConfig } from './driver/suites.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const isCi = process.env.CI === 'true' || process.env.CI === '1';
const words = process.argv.slice(2).filter((word) => word !== '--');
const say = (line) => console.log(line);
const title = (text) => say(`\n── ${text} ${'─'.repeat(Math.max(0, 90 - text.length))}`);

const suites = foldersOfSuites(ROOT);
const known = [...Object.keys(CHECKS), ...suites, 'e2e'];
const strange = words.filter((word) => !known.includes(word));
if (strange.length > 0) {
  console.error(`npm test knows ${known.join(', ')}; not ${strange.join(', ')}`);
  process.exit(2);
}
const isWanted = (name) => words.length === 0 || words.includes(name);
const folders = suites.filter(isWanted);
const results = [];

title('setting up');
const missing = await setUpTools(say, { needed: folders.length > 0 || isWanted('e2e') });
try {
  await install(ROOT, process.env, say);
  await build(ROOT, process.env, say);
  say('installed and built');
} catch (fault) {
  if (!(fault instanceof StartRefused)) throw fault;
  say(fault.message);
  results.push({ passed: 0, failed: ['build'], skipped: [] });
}

for (const [name, check] of Object.entries(CHECKS)) {
  if (!isWanted(name)) continue;
  title(name);
  const isClean = await check(ROOT, say);
  results.push({ passed: isClean ? 1 : 0, failed: isClean ? [] : [name], skipped: [] });
}

const reports = mkdtempSync(join(tmpdir(), 'porchlight-test-'));
try {
  if (folders.length > 0) {
    title(`vitest: ${folders.join(', ')}`);
    const report = join(reports, 'vitest.json');
    const places = words.length === 0 ? [] : folders.map((folder) => `tests/${folder}/`);
    const words4 = ['run', ...places, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const status = await runTool(ROOT, 'vitest', words4);
    results.push(readVitestReport(report, status));
  }
  if (isWanted('e2e')) {
    title('playwright: e2e');
    const config = playwrightConfig(ROOT);
    if (missing.includes('chromium')) results.push({ passed: 0, failed: [], skipped: ['e2e: Chromium is missing'] });
    else if (config === undefined) results.push({ passed: 0, failed: ['e2e: no playwright.config.ts'], skipped: [] });
    else {
      const report = join(reports, 'playwright.json');
      const status = await runTool(ROOT, 'playwright', ['test', '-c', config, '--reporter=list,json'], {
        PLAYWRIGHT_JSON_OUTPUT_FILE: report,
      });
      results.push(readPlaywrightReport(report, status));
    }
  }
} finally {
  if (existsSync(reports)) rmSync(reports, { recursive: true, force: true });
}

const { lines, status } = verdict(sum(results), isCi);
say('');
for (const line of lines) say(line);
process.exitCode = status;
