import { defineConfig } from '@playwright/test';

// Specs and the portal they start are TypeScript: `#room` is then the source, in every process that Playwright forks from here.
process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --conditions=source`.trim();

/** Debian's Chromium; each spec file starts its own portal on a free port, so there is no webServer here. */
export default defineConfig({
  testDir: 'tests/e2e',
  workers: 1,
  reporter: 'list',
  outputDir: 'node_modules/.cache/playwright',
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] },
  },
});
