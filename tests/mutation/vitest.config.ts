/** The suites that a mutation run asks, room by room: those made for it, without processes or databases (docs/mutation.md). */
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const SUITES: Readonly<Record<string, readonly string[]>> = {
  policy: ['unit/policy', 'stories/permission.test.ts'],
  publish: [
    'unit/publish',
    'conformance/rfc3903',
    'stories/adversity/durability.test.ts',
    'stories/adversity/publication-rows.test.ts',
  ],
  gate: [
    'unit/gate/steps.test.ts',
    'unit/gate',
    'conformance/rfc7616',
    'conformance/rfc8760',
    'stories/proxy.test.ts',
    'stories/floods.test.ts',
    'conformance/rfc3261/content-encoding.test.ts',
    'conformance/rfc3261/request-inspection.test.ts',
    'conformance/rfc3856/watching.test.ts',
    'conformance/rfc6665/subscribe.test.ts',
    'conformance/rfc3903',
  ],
  subscribe: [
    'unit/subscribe',
    'stories/adversity/subscription-rows.test.ts',
    'conformance/rfc6665/subscribe.test.ts',
    'conformance/rfc3857/subscription.test.ts',
    'conformance/rfc3856',
    'stories/adversity/input.test.ts',
  ],
  notify: [
    'unit/notify',
    'conformance/rfc3263/notify.test.ts',
    'conformance/rfc6665',
    'conformance/rfc3856',
    'conformance/rfc3857',
    'stories/packages.test.ts',
    'stories/permission.test.ts',
    'stories/restart.test.ts',
    'stories/adversity/durability.test.ts',
    'stories/adversity/privacy.test.ts',
  ],
};

/** MUTATION_PLACES=1: only the first of the places, for a first look that is quick. */
const { MUTATED_ROOM = 'publish', MUTATION_PLACES = '99' } = process.env;

const PLACES = (SUITES[MUTATED_ROOM] ?? [`unit/${MUTATED_ROOM}`])
  .slice(0, Number(MUTATION_PLACES))
  .map((place) => `tests/${place}`);

/** In the order above: what is cheap comes first, and the first test that fails is the last. */
class AsListed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      PLACES.findIndex((place) => moduleId.includes(`/${place}`));
    return files.sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  ssr: { resolve: { conditions: ['source', 'module', 'node', 'development|production'] } },
  test: {
    include: PLACES.map((place) => (place.endsWith('.ts') ? place : `${place}/**/*.test.ts`)),
    sequence: { sequencer: AsListed },
    // A mutant that makes a test wait for ever is noticed after so long.
    testTimeout: 20_000,
    // One module graph for all files: a mutant costs its tests, not their imports.
    isolate: false,
    fileParallelism: false,
  },
});
