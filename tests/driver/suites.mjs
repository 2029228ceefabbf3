import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Run by other means than vitest. */
const OTHERS = ['e2e', 'cluster'];

/** The folders of tests/ that hold vitest suites, in order of name. */
export function foldersOfSuites(root) {
  return readdirSync(join(root, 'tests'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !OTHERS.includes(entry.name))
    .filter(({ name }) =>
      readdirSync(join(root, 'tests', name), { recursive: true }).some((file) => isSuite(String(file))),
    )
    .map(({ name }) => name)
    .sort();
}

function isSuite(file) {
  return file.endsWith('.test.ts');
}

/** Where Playwright is told what to do; undefined when nobody has. */
export function playwrightConfig(root) {
  return ['playwright.config.ts', 'tests/e2e/playwright.config.ts'].find((name) => existsSync(join(root, name)));
}
