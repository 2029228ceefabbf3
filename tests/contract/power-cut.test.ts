/** A few cuts here, thousands by bench/load/power-cut.ts. */
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { runPowerCuts } from '../support/power-cut.ts';
import { toolsInstalled } from '../support/processes.ts';
import { makeTemporaryFolder } from '../support/stores.ts';

const hasStrace = toolsInstalled('power cuts under SQLite, from recorded writes', [
  { program: 'strace', package: 'strace' },
]);

describe.skipIf(!hasStrace)('a power cut under SQLite, wherever it comes', () => {
  const folder = makeTemporaryFolder('power');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('the file opens, is whole, and every acknowledged write is there', async () => {
    const report = await runPowerCuts({ folder, rounds: 70, cuts: 60, seed: 3 });
    expect(report.faults).toEqual([]);
    expect(report.acknowledged).toBe(420);
    // Groups of at most six, each synced before it is acknowledged.
    expect(report.syncs).toBeGreaterThanOrEqual(70);
  }, 120_000);
});
