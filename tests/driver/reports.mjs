import { existsSync, readFileSync } from 'node:fs';

/** A part's result: how many passed, and the names of those that failed or were skipped. */
const NOTHING = { passed: 0, failed: [], skipped: [] };

/** The one suite that may be skipped under CI: it needs a Docker engine, and says when there is none. */
const MAY_BE_SKIPPED = /docker compose/i;

/** Reads vitest's JSON report. @param status vitest's exit status, for faults that no test carries. */
export function readVitestReport(path, status) {
  if (!existsSync(path)) return { ...NOTHING, failed: ['vitest wrote no report'] };
  const report = JSON.parse(readFileSync(path, 'utf8'));
  const result = { passed: 0, failed: [], skipped: [] };
  for (const file of report.testResults) {
    const failedBefore = result.failed.length;
    for (const { status: outcome, fullName } of file.assertionResults) {
      if (outcome === 'passed') result.passed += 1;
      else if (outcome === 'failed') result.failed.push(fullName);
      else result.skipped.push(fullName);
    }
    // A file that cannot even be loaded holds no test that could fail.
    if (file.status === 'failed' && result.failed.length === failedBefore) result.failed.push(file.name);
  }
  if (status !== 0 && result.failed.length === 0) result.failed.push(`vitest ended with status ${status}`);
  return result;
}

/** Reads Playwright's JSON report. A test that passed only when tried again counts as failed. */
export function readPlaywrightReport(path, status) {
  if (!existsSync(path)) return { ...NOTHING, failed: ['playwright wrote no report'] };
  const result = { passed: 0, failed: [], skipped: [] };
  const report = JSON.parse(readFileSync(path, 'utf8'));
  const walk = (suite, before) => {
    const names = suite.title === '' ? before : [...before, suite.title];
    for (const spec of suite.specs ?? []) {
      for (const test of spec.tests) {
        const name = [...names, spec.title].join(' › ');
        if (test.status === 'expected') result.passed += 1;
        else if (test.status === 'skipped') result.skipped.push(name);
        else result.failed.push(name);
      }
    }
    for (const inner of suite.suites ?? []) walk(inner, names);
  };
  for (const suite of report.suites) walk(suite, []);
  if (status !== 0 && result.failed.length === 0) result.failed.push(`playwright ended with status ${status}`);
  return result;
}

export function sum(results) {
  return results.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: [...all.failed, ...one.failed],
      skipped: [...all.skipped, ...one.skipped],
    }),
    NOTHING,
  );
}

/** @returns the closing lines, the last of which is `N passed, N failed, N skipped`, and the exit status. */
export function verdict({ passed, failed, skipped }, isCi) {
  const unexcused = isCi ? skipped.filter((name) => !MAY_BE_SKIPPED.test(name)) : [];
  const lines = [
    ...failed.map((name) => `failed: ${name}`),
    ...skipped.map((name) => `skipped: ${name}`),
    ...(unexcused.length > 0 ? ['With CI=true a skipped suite is a failure.'] : []),
    ...(passed === 0 && failed.length === 0 ? ['Nothing was run.'] : []),
    `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`,
  ];
  return { lines, status: passed > 0 && failed.length === 0 && unexcused.length === 0 ? 0 : 1 };
}
