/** `npm run mutation -- policy`: which mutants of one room survive its tests (docs/mutation.md). */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'tests/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  concurrency: 1,
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: true },
  tempDirName: '.stryker-tmp',
  ignorePatterns: ['dist', 'docs/api', 'bench/results', 'coverage'],
  timeoutMS: 30_000,
  allowConsoleColors: false,
};
