/**
 * A drawing of each series, for docs/performance.md: what an operation costs and, where its work grows, what a unit of that costs. Of
 * rows that were measured twice the last counts. Needs gnuplot (Debian: gnuplot-nox).
 *
 *     node bench/curves/plot.mjs bench/results/FILE.jsonl [docs/performance]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERIES } from './series/index.mjs';

const [results, folder = 'docs/performance'] = process.argv.slice(2);
const rows = readFileSync(results, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

/** Legible on white and on black; no ground is painted. */
const INK = '#808080';
const COLOURS = ['#3584c4', '#d07b22'];
/** Where the cheapest and the dearest differ by less, the axis begins at nothing. */
const WIDE = 8;

mkdirSync(folder, { recursive: true });
for (const series of SERIES) {
  const last = new Map(rows.filter(({ series: name }) => name === series.name).map((row) => [row.x, row]));
  const points = [...last.values()].sort((one, other) => one.x - other.x);
  if (points.length > 1)
    writeFileSync(
      join(folder, `${series.name}.svg`),
      draw(scriptOf(series, points), `${series.operation}, by ${series.x}`),
    );
}

function scriptOf({ operation, x, work }, points) {
  const curves = [{ of: 'us', mean: 'meanUs', title: 'per operation' }];
  if (work !== undefined) curves.push({ of: 'usPerWork', mean: 'meanUsPerWork', title: `per ${work}` });
  const all = curves.flatMap(({ of, mean }) => points.flatMap((point) => [point[of], point[mean]]));
  const logarithmic = Math.max(...all) > WIDE * Math.min(...all);
  const data = curves.map(({ of, mean }, index) =>
    [`$curve${index} << END`, ...points.map((point) => `${point.x} ${point[of]} ${point[mean]}`), 'END'].join('\n'),
  );
  const drawn = curves.flatMap(({ title }, index) => [
    `$curve${index} using 1:2 with linespoints lw 2 pt 7 ps 0.7 lc rgb '${COLOURS[index]}' title '${title}'`,
    `$curve${index} using 1:3 with lines lw 1 dt 2 lc rgb '${COLOURS[index]}' notitle`,
  ]);
  return `
set terminal svg size 620,340 dynamic font 'sans-serif,13'
set title '${operation}' tc rgb '${INK}' font ',13' noenhanced
set xlabel '${x}' tc rgb '${INK}' noenhanced
set ylabel 'CPU µs' tc rgb '${INK}'
set border 3 lc rgb '${INK}'
set tics nomirror tc rgb '${INK}'
set grid lw 0.5 lc rgb '#90808080'
set key above samplen 2 tc rgb '${INK}' noenhanced
set logscale x
set format x '%.0s%c'
set xrange [${points[0].x * 0.85}:${points.at(-1).x * 1.18}]
${logarithmic ? "set logscale y\nset format y '%g'" : `set yrange [0:${Math.max(...all) * 1.15}]`}
${data.join('\n')}
plot ${drawn.join(', \\\n')}
`;
}

function draw(script, title) {
  const { status, stdout, stderr, error } = spawnSync('gnuplot', [], { input: script, encoding: 'utf8' });
  if (error !== undefined) throw new Error('gnuplot is not installed (Debian: apt-get install gnuplot-nox)');
  if (status !== 0) throw new Error(stderr);
  return stdout.replace('<title>Gnuplot</title>', `<title>${title}</title>`);
}
