import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['source', 'module', 'node', 'development|production'] } },
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/e2e/**', 'tests/cluster/**', 'node_modules/**'],
    setupFiles: [],
    testTimeout: 20_000,
    reporters: ['default'],
  },
});
