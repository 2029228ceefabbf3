/**
 * How cost grows: CPU µs of one operation, and of a unit of its work, over what it might grow with. Nothing may grow faster than its
 * work. The whole built service without sockets, over the store in memory; over MariaDB where groups of commits are the matter.
 *
 *     npm run build && node bench/curves/run.mjs [SERIES...] [--max X] [--large] [--seconds 0.4] [--slices 5] [--out FILE]
 *
 * `--max` leaves out the points beyond it, `--large` adds those that take minutes and gigabytes. Rows are appended to FILE as JSON.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measure } from './measure.mjs';
import { SERIES } from './series/index.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    max: { type: 'string', default: 'Infinity' },
    large: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '0.4' },
    slices: { type: 'string', default: '5' },
    out: { type: 'string' },
  },
});
const wanted = positionals.length === 0 ? SERIES.map(({ name }) => name) : positionals;
const unknown = wanted.find((name) => !SERIES.some((series) => series.name === name));
if (unknown !== undefined)
  throw new Error(`no series ${unknown}; there are ${SERIES.map(({ name }) => name).join(', ')}`);

// Each in a process of its own: none pays for what another has left behind.
if (wanted.length > 1) {
  const rest = process.argv.slice(2).filter((word) => !wanted.includes(word));
  for (const name of wanted) {
    const { status } = spawnSync(process.execPath, [...heap(), fileURLToPath(import.meta.url), name, ...rest], {
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = 1;
  }
} else await run(SERIES.find(({ name }) => name === wanted[0]));

function heap() {
  return options.large ? ['--max-old-space-size=16000'] : process.execArgv;
}

async function run(series) {
  const xs = [...series.xs, ...(options.large ? (series.large ?? []) : [])].filter((x) => x <= Number(options.max));
  const startedAt = performance.now();
  const rows = await measure(series, xs, { seconds: Number(options.seconds), slices: Number(options.slices) });
  console.log(`${series.name}: ${series.operation}; ${Math.round((performance.now() - startedAt) / 1000)} s`);
  for (const row of rows) {
    const work = series.work === undefined ? '' : `${row.usPerWork.toFixed(2).padStart(10)} per ${series.work}`;
    console.log(
      `${String(row.x).padStart(10)} ${series.x} ${row.us.toFixed(1).padStart(12)} µs (mean ${row.meanUs})${work}`,
    );
  }
  if (options.out !== undefined) {
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
    const of = { commit, node: process.version, at: new Date().toISOString() };
    appendFileSync(options.out, rows.map((row) => `${JSON.stringify({ ...row, ...of })}\n`).join(''));
  }
  process.exit(0);
}
