import { describe, expect, it } from 'vitest';
import type { Figures } from '#store';
import { drawBars, drawLine, HEIGHT, WIDTH } from '../../../web/pages/admin/chart.ts';
import { byFiveMinutes, byMinute, failuresOf } from '../../../web/pages/admin/figures.ts';

const NOW = Date.UTC(2026, 10, 1, 12, 0, 30);
const counted = (at: number, given: Partial<Figures> = {}): Figures => ({
  node: 'one',
  at,
  spanMs: 5000,
  publications: 1,
  subscriptions: 2,
  notifies: 10,
  lagMs: 3,
  failures: {},
  ...given,
});

describe('The last hour in pieces', () => {
  it('of a minute: how many there were at its end, NOTIFYs a second, the longest lag; nothing where nothing was counted', () => {
    const rows = [
      counted(NOW - 90_000, { publications: 7, notifies: 20, lagMs: 9, failures: { 'in 403': 2, 'out 481': 1 } }),
      counted(NOW - 85_000, { publications: 8, notifies: 0 }),
      counted(NOW),
    ];
    const spans = byMinute(rows, NOW);
    expect(spans).toHaveLength(60);
    expect(spans[0]).toMatchObject({ from: NOW - 30_000 - 59 * 60_000, publications: undefined });
    expect(spans[57]).toMatchObject({ publications: undefined, notifiesPerSecond: undefined, refusedIn: undefined });
    const full = spans.find(({ publications }) => publications === 8);
    expect(full).toMatchObject({ notifiesPerSecond: 2, lagMs: 9, refusedIn: 2, refusedOut: 1 });
    expect(spans[59]).toMatchObject({ from: NOW - 30_000, publications: 1, notifiesPerSecond: 2 });
  });

  it('of five minutes; what is older or of a clock that runs ahead is passed over', () => {
    const rows = [counted(NOW - 7_200_000), counted(NOW - 301_000, { lagMs: 5 }), counted(NOW + 600_000)];
    const spans = byFiveMinutes(rows, NOW);
    expect(spans).toHaveLength(12);
    expect(spans.filter(({ lagMs }) => lagMs !== undefined)).toHaveLength(1);
  });

  it('failures are summed by direction and code, the most frequent first', () => {
    const rows = [
      counted(1, { failures: { 'in 403': 1, 'out timeout': 5 } }),
      counted(2, { failures: { 'in 403': 3 } }),
    ];
    expect(failuresOf(rows)).toEqual([
      { direction: 'out', code: 'timeout', count: 5 },
      { direction: 'in', code: '403', count: 4 },
    ]);
  });
});

describe('A chart', () => {
  it('is a line within its box, with a gap where nothing is known', () => {
    const { line, area, highest } = drawLine([0, 5, undefined, 10, 10]);
    expect(highest).toBe(10);
    expect(line).toBe(`M0 ${HEIGHT}L150 63M450 6L${WIDTH} 6`);
    expect(area.match(/Z/g)).toHaveLength(2);
  });

  it('shows a value that stands alone, and is empty where nothing is known or all is nothing', () => {
    expect(drawLine([undefined, 4, undefined]).line).toMatch(/^M300 6L304 6$/);
    expect(drawLine([undefined, undefined])).toEqual({ line: '', area: '', highest: 0 });
    expect(drawLine([0, 0]).line).toBe(`M0 ${HEIGHT}L${WIDTH} ${HEIGHT}`);
  });

  it('bars stand on each other, and none is drawn for nothing', () => {
    const { lower, upper, highest } = drawBars([0, 2, undefined], [1, 2, 0]);
    expect(highest).toBe(4);
    expect(lower.map(({ height }) => height)).toEqual(['57']);
    expect(upper.map(({ y, height }) => [y, height])).toEqual([
      ['91.5', '28.5'],
      ['6', '57'],
    ]);
  });
});
