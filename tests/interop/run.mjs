#!/usr/bin/env node
/**
 * `npm run interop`: phones, scripts and a proxy that we did not write, against a real service, and docs/interop.md anew from
 * what came of it. The scenarios are suites of tests/clients; a client that is not installed is named as skipped.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../../services/start/build.mjs';
import { drawPage } from './page.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Which suite drives which client: Debian's package, and the file. */
const CLIENTS = [
  { client: 'baresip, UDP', package: 'baresip-core', file: 'baresip' },
  { client: 'baresip, TCP', package: 'baresip-core', file: 'baresip-tcp' },
  { client: 'linphonec', package: 'linphone-cli', file: 'scripted', group: 'Linphone' },
  { client: 'twinkle-console', package: 'twinkle-console', file: 'twinkle' },
  { client: 'sipsak', package: 'sipsak', file: 'scripted', group: 'sipsak' },
  { client: 'sipp', package: 'sip-tester', file: 'scripted', group: 'sipp' },
  { client: 'Kamailio in front, baresip behind', package: 'kamailio', file: 'kamailio' },
];

/** undefined when it is not installed. */
function versionOf(name) {
  const { status, stdout } = spawnSync('dpkg-query', ['-W', `-f=\${Version}`, name], { encoding: 'utf8' });
  return status === 0 && stdout !== '' ? stdout : undefined;
}

await build(ROOT, process.env, console.log);
const folder = mkdtempSync(join(tmpdir(), 'porchlight-interop-'));
try {
  const report = join(folder, 'report.json');
  const files = [...new Set(CLIENTS.map(({ file }) => `tests/clients/${file}.test.ts`))];
  const words = ['run', ...files, '--no-file-parallelism', '--reporter=verbose', '--reporter=json'];
  const { status } = spawnSync(
    process.execPath,
    [`${ROOT}node_modules/vitest/vitest.mjs`, ...words, `--outputFile.json=${report}`],
    { cwd: ROOT, stdio: 'inherit' },
  );
  const suites = JSON.parse(readFileSync(report, 'utf8')).testResults;
  const clients = CLIENTS.map((one) => ({
    ...one,
    version: versionOf(one.package),
    scenarios: suites
      .filter(({ name }) => name.endsWith(`/${one.file}.test.ts`))
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ ancestorTitles }) => one.group === undefined || ancestorTitles[0] === one.group),
  }));
  writeFileSync(join(ROOT, 'docs/interop.md'), drawPage(clients, new Date()));
  console.log('docs/interop.md is written');
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
