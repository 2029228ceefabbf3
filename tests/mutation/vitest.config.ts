/** The suites that a mutation run asks, room by room: those made for it, without processes or databases (docs/mutation.md). */
import { defineConfig } from 'vitest/config';

const SUITES: Readonly<Record<string, readonly string[]>> = {
  policy: ['unit/policy', 'stories/permission.test.ts'],
  publish: [
    'unit/publish',
    'conformance/rfc3903',
    'stories/adversity/durability.test.ts',
    'stories/adversity/publication-rows.test.ts',
  ],
  gate: ['unit/gate', 'conformance/rfc7616', 'conformance/rfc8760', 'conformance/rfc3903', 'stories/proxy.test.ts'],
  subscribe: ['unit/subscribe', 'conformance/rfc6665', 'conformance/rfc3856', 'stories/adversity/input.test.ts'],
  notify: [
    'unit/notify',
    'conformance/rfc6665',
    'stories/permission.test.ts',
    'stories/restart.test.ts',
    'stories/adversity/durability.test.ts',
    'stories/adversity/privacy.test.ts',
  ],
};

const { MUTATED_ROOM = 'publish' } = process.env;

export default defineConfig({
  ssr: { resolve: { conditions: ['source', 'module', 'node', 'development|production'] } },
  test: {
    include: (SUITES[MUTATED_ROOM] ?? [`unit/${MUTATED_ROOM}`]).map((place) =>
      place.endsWith('.ts') ? `tests/${place}` : `tests/${place}/**/*.test.ts`,
    ),
    testTimeout: 60_000,
    // One module graph for all files: a mutant costs its tests, not their imports.
    isolate: false,
    fileParallelism: false,
  },
});
