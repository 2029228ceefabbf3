/** The suites that a mutation run asks: those that reach the rooms under mutation, without processes or databases. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['source', 'module', 'node', 'development|production'] } },
  test: {
    include: [
      'tests/unit/{gate,publish,subscribe,notify,policy}/**/*.test.ts',
      'tests/conformance/{rfc3903,rfc6665,rfc3856,rfc3857,rfc3858,rfc7616}/**/*.test.ts',
      'tests/stories/**/*.test.ts',
    ],
    exclude: ['tests/stories/demo.test.ts', 'tests/stories/tcp.test.ts', 'tests/stories/chaos/**'],
    testTimeout: 60_000,
    // One module graph for all files: a mutant costs its tests, not their imports.
    isolate: false,
    fileParallelism: false,
  },
});
