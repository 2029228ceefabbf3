import { defineConfig } from '@playwright/test';

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
