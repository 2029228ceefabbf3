/**
 * How long is looked for trouble: in `npm test` a fixed number of runs of a fixed seed, the same each time; with
 * `npm run fuzz -- 10m` so long of a new seed, which is printed with whatever is found.
 */
import fc from 'fast-check';
import { expect } from 'vitest';

const { FUZZ_MS, FUZZ_SEED = '20261127', FUZZ_PATH } = process.env;
const RUNS = 600;

/** What vitest lets a test of this folder take. */
export const TIMEOUT_MS = FUZZ_MS === undefined ? 60_000 : Number(FUZZ_MS) + 60_000;

/** Asserts it of as many values as there is time for. */
export function forAll<T>(values: fc.Arbitrary<T>, isTrueOf: (value: T) => void): void {
  const bounds =
    FUZZ_MS === undefined
      ? { numRuns: RUNS }
      : { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: Number(FUZZ_MS), markInterruptAsFailure: false };
  const path = FUZZ_PATH === undefined ? {} : { path: FUZZ_PATH };
  fc.assert(fc.property(values, isTrueOf), { ...bounds, ...path, seed: Number(FUZZ_SEED) });
}

/** Of the processor's time, so that a busy machine counts for nothing; linear work on 64 KiB takes a few milliseconds. */
const LONGEST_MS = 1_500;

/** Runs it and asserts that it came to an end soon. */
export function inTime<T>(work: () => T): T {
  const startedAt = process.cpuUsage();
  const outcome = work();
  const { user, system } = process.cpuUsage(startedAt);
  expect((user + system) / 1000).toBeLessThan(LONGEST_MS);
  return outcome;
}
