import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The static checks, by name; each says what it finds and returns whether all is well. */
export const CHECKS = {
  lint: async (root) => (await runTool(root, 'biome', ['check', '--error-on-warnings', '.'])) === 0,
  types: async (root) => (await runTool(root, 'tsc', ['--noEmit', '-p', '.'])) === 0,
  imports: async (root) =>
    (await runTool(root, 'depcruise', ['--config', '.dependency-cruiser.cjs', 'services', 'web'])) === 0,
  dead: async (root) => (await runTool(root, 'knip', ['--no-progress'])) === 0,
};

const PACKAGE_OF = {
  biome: '@biomejs/biome',
  tsc: 'typescript',
  depcruise: 'dependency-cruiser',
  playwright: '@playwright/test',
};

/** Runs the checkout's own tool with this Node, on the same output, without standard input. @returns its status. */
export function runTool(root, tool, words, environment = {}) {
  const folder = join(root, 'node_modules', PACKAGE_OF[tool] ?? tool);
  let script;
  try {
    const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    script = join(folder, typeof bin === 'string' ? bin : bin[tool]);
  } catch (fault) {
    if (fault.code !== 'ENOENT') throw fault;
    console.error(`${tool} is not installed`);
    return Promise.resolve(127);
  }
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...words], {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', () => resolve(127));
    child.once('exit', (status) => resolve(status ?? 1));
  });
}
