/**
 * One series: each of its points in slices, of which the cheapest tells what the work costs and the mean what it came to on this
 * machine. Points that do not grow out of each other are measured in turn, so that a noisy minute is no step of the curve.
 */

/** @returns one row for each x: µs of an operation, and of a unit of work where the series has one. */
export async function measure(series, xs, { seconds, slices }) {
  const opened = await series.open(xs);
  const points = [];
  try {
    for (const x of xs) {
      const point = { x, round: await opened.at(x), slices: [] };
      points.push(point);
      await slice(point.round, seconds);
      if (series.grows)
        for (let turn = 0; turn < slices; turn += 1) point.slices.push(await slice(point.round, seconds));
      if (series.grows) point.heapMb = Math.round(process.memoryUsage().heapUsed / 1e6);
    }
    if (!series.grows) {
      for (let turn = 0; turn < slices; turn += 1)
        for (const point of points) point.slices.push(await slice(point.round, seconds));
    }
  } finally {
    await opened.close();
  }
  return points.map((point) => rowOf(series, point));
}

/** Rounds for so long, at least one. */
async function slice(round, seconds) {
  const sum = { spent: 0, done: 0, work: 0, also: {} };
  const until = performance.now() + seconds * 1000;
  do {
    const { spent, done, work = 0, also = {} } = await round();
    sum.spent += spent;
    sum.done += done;
    sum.work += work;
    for (const [name, value] of Object.entries(also)) sum.also[name] = (sum.also[name] ?? 0) + value;
  } while (performance.now() < until);
  return sum;
}

function rowOf(series, { x, slices, heapMb }) {
  const [best] = slices.toSorted((one, other) => one.spent / one.done - other.spent / other.done);
  const sum = (name) => slices.reduce((total, one) => total + one[name], 0);
  const us = (value) => Number(value.toFixed(value < 100 ? 2 : 0));
  return {
    series: series.name,
    x,
    us: us(best.spent / best.done),
    meanUs: us(sum('spent') / sum('done')),
    ...(series.work && { usPerWork: us(best.spent / best.work), meanUsPerWork: us(sum('spent') / sum('work')) }),
    ...Object.fromEntries(Object.entries(best.also).map(([name, value]) => [`${name}Us`, us(value / best.done)])),
    ...(heapMb && { heapMb }),
    operations: sum('done'),
  };
}
