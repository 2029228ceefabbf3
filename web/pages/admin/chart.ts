/** Charts as SVG, drawn by the server: of numbers alone, so that no script and no other host is needed. Pure. */

/** The drawing's own units; CSS gives it its size. */
export const WIDTH = 600;
export const HEIGHT = 120;
/** Above the highest value, so that its line is seen whole. */
const AIR = 6;

export interface LineChart {
  /** Of `<path d>`: a line with gaps where nothing is known, and the area below it. */
  readonly line: string;
  readonly area: string;
  readonly highest: number;
}

/** @param values oldest first, at even distances; undefined: not known. */
export function drawLine(values: readonly (number | undefined)[]): LineChart {
  const highest = highestOf(values);
  const x = (index: number): string => number((index / Math.max(1, values.length - 1)) * WIDTH);
  const y = (value: number): string => number(HEIGHT - (value / Math.max(highest, 1)) * (HEIGHT - AIR));
  let line = '';
  let area = '';
  for (const [first, last] of runsOf(values)) {
    const points: string[] = [];
    for (let index = first; index <= last; index += 1) points.push(`${x(index)} ${y(values[index] ?? 0)}`);
    // A single value would be a line without length, which is not seen.
    if (first === last) points.push(`${number(Math.min(WIDTH, Number(x(first)) + 4))} ${y(values[first] ?? 0)}`);
    line += `M${points.join('L')}`;
    area += `M${x(first)} ${HEIGHT}L${points.join('L')}L${x(last)} ${HEIGHT}Z`;
  }
  return { line, area, highest };
}

export interface Bar {
  readonly x: string;
  readonly y: string;
  readonly width: string;
  readonly height: string;
}

/** Two kinds of bars, the second on top of the first. */
export function drawBars(
  lower: readonly (number | undefined)[],
  upper: readonly (number | undefined)[],
): { readonly lower: readonly Bar[]; readonly upper: readonly Bar[]; readonly highest: number } {
  const highest = highestOf(lower.map((value, index) => (value ?? 0) + (upper[index] ?? 0)));
  const step = WIDTH / Math.max(1, lower.length);
  const tall = (value: number): number => (value / Math.max(highest, 1)) * (HEIGHT - AIR);
  const bar = (index: number, below: number, value: number): Bar => ({
    x: number(index * step + step * 0.15),
    y: number(HEIGHT - tall(below + value)),
    width: number(step * 0.7),
    height: number(tall(value)),
  });
  return {
    lower: lower.flatMap((value = 0, index) => (value > 0 ? [bar(index, 0, value)] : [])),
    upper: upper.flatMap((value = 0, index) => (value > 0 ? [bar(index, lower[index] ?? 0, value)] : [])),
    highest,
  };
}

/** First and last index of each stretch of known values. */
function runsOf(values: readonly (number | undefined)[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  values.forEach((value, index) => {
    if (value === undefined) return;
    const run = runs.at(-1);
    if (run !== undefined && run[1] === index - 1) run[1] = index;
    else runs.push([index, index]);
  });
  return runs;
}

const highestOf = (values: readonly (number | undefined)[]): number =>
  values.reduce<number>((highest, value) => Math.max(highest, value ?? 0), 0);

const number = (value: number): string => String(Math.round(value * 10) / 10);
