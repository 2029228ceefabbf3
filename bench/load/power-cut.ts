/**
 * Power cuts under SQLite, thousands of them, from one recording of its writes and syncs (strace); ends with status 1 when
 * an acknowledged write is missing or the file is not whole:
 *
 *     node --import tsx --conditions=source bench/load/power-cut.ts [CUTS] [ROUNDS] [SEED]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPowerCuts } from '../../tests/support/power-cut.ts';

const [cuts = 2000, rounds = 400, seed = 1] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'porchlight-power-'));
try {
  const report = await runPowerCuts({ folder, rounds, cuts, seed });
  console.log(JSON.stringify(report, null, 2));
  if (report.faults.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
