import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPlaywrightReport, readVitestReport, sum, verdict } from '../driver/reports.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-reports-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function report(content: unknown): string {
  const path = join(folder, 'report.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe('npm test counts', () => {
  it('tests of vitest by their outcome, and a file that cannot be loaded as one failure', () => {
    const path = report({
      testResults: [
        {
          name: 'a.test.ts',
          status: 'failed',
          assertionResults: [
            { status: 'passed', fullName: 'one' },
            { status: 'failed', fullName: 'two' },
            { status: 'pending', fullName: 'three' },
            { status: 'todo', fullName: 'four' },
          ],
        },
        { name: 'b.test.ts', status: 'failed', assertionResults: [] },
      ],
    });
    expect(readVitestReport(path, 1)).toEqual({ passed: 1, failed: ['two', 'b.test.ts'], skipped: ['three', 'four'] });
  });

  it('a runner that failed although every test passed as a failure, and a missing report too', () => {
    const path = report({
      testResults: [{ name: 'a', status: 'passed', assertionResults: [{ status: 'passed', fullName: 'one' }] }],
    });
    expect(readVitestReport(path, 1).failed).toEqual(['vitest ended with status 1']);
    expect(readVitestReport(path, 0).failed).toEqual([]);
    expect(readVitestReport(join(folder, 'none'), 0).failed).toEqual(['vitest wrote no report']);
    expect(readPlaywrightReport(join(folder, 'none'), 0).failed).toEqual(['playwright wrote no report']);
  });

  it('tests of Playwright in nested suites; one that passed only at the second try has failed', () => {
    const spec = (title: string, status: string) => ({ title, tests: [{ status }] });
    const path = report({
      suites: [
        {
          title: 'portal.spec.ts',
          specs: [spec('opens', 'expected')],
          suites: [
            { title: 'rules', specs: [spec('flaky', 'flaky'), spec('later', 'skipped'), spec('bad', 'unexpected')] },
          ],
        },
      ],
    });
    expect(readPlaywrightReport(path, 1)).toEqual({
      passed: 1,
      failed: ['portal.spec.ts › rules › flaky', 'portal.spec.ts › rules › bad'],
      skipped: ['portal.spec.ts › rules › later'],
    });
  });
});

describe('npm test ends', () => {
  const passed = { passed: 3, failed: [], skipped: [] };
  const last = (result: typeof passed | object, isCi: boolean) => {
    const { lines, status } = verdict({ ...passed, ...result }, isCi);
    return [lines.at(-1), status];
  };

  it('with one plain line and status 0 when all is well', () => {
    expect(verdict(sum([passed, passed]), true)).toEqual({ lines: ['6 passed, 0 failed, 0 skipped'], status: 0 });
  });

  it('with status 1 for any failure, and when nothing was run', () => {
    expect(last({ failed: ['x'] }, false)).toEqual(['3 passed, 1 failed, 0 skipped', 1]);
    expect(last({ passed: 0 }, false)).toEqual(['0 passed, 0 failed, 0 skipped', 1]);
  });

  it('a skipped suite is told at home and a failure in CI, but for docker compose where there is no Docker', () => {
    expect(last({ skipped: ['x'] }, false)).toEqual(['3 passed, 0 failed, 1 skipped', 0]);
    expect(last({ skipped: ['x'] }, true)).toEqual(['3 passed, 0 failed, 1 skipped', 1]);
    expect(last({ skipped: ['docker compose up answers'] }, true)).toEqual(['3 passed, 0 failed, 1 skipped', 0]);
    expect(verdict({ ...passed, skipped: ['x'] }, false).lines[0]).toBe('skipped: x');
  });
});
