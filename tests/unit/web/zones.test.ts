import { describe, expect, it } from 'vitest';
import { endOfDay, readWallTime, readZone, writeWallTime } from '../../../web/zones.ts';

const at = (text: string): number => Date.parse(text);

describe('Clocks on the wall', () => {
  it.each([
    ['2026-11-27T14:00:00Z', 'Europe/Berlin', '2026-11-27T23:00:00Z'],
    ['2026-11-27T23:30:00Z', 'Europe/Berlin', '2026-11-28T23:00:00Z'],
    ['2026-11-27T14:00:00Z', 'America/New_York', '2026-11-28T05:00:00Z'],
    ['2026-11-27T14:00:00Z', 'Asia/Kathmandu', '2026-11-27T18:15:00Z'],
    // The day on which clocks go back has 25 hours, the one on which they go forward 23.
    ['2026-10-25T00:30:00Z', 'Europe/Berlin', '2026-10-25T23:00:00Z'],
    ['2026-03-29T00:30:00Z', 'Europe/Berlin', '2026-03-29T22:00:00Z'],
  ])('at %s in %s the day ends at %s', (now, zone, end) => {
    expect(new Date(endOfDay(at(now), zone)).toISOString()).toBe(new Date(at(end)).toISOString());
  });

  it('a time on the wall is an instant, and back', () => {
    const instant = readWallTime('2026-12-24T18:00', 'Europe/Berlin');
    expect(instant).toBe(at('2026-12-24T17:00:00Z'));
    expect(writeWallTime(instant ?? 0, 'Europe/Berlin')).toBe('2026-12-24T18:00');
  });

  it.each(['', '2026-12-24', '24.12.2026 18:00', '2026-13-40T99:99', '2026-12-24T18:00Z'])(
    '«%s» is no time',
    (text) => {
      expect(readWallTime(text, 'UTC')).toBeUndefined();
    },
  );

  it('a zone that nobody knows is the server’s own', () => {
    expect(readZone('Europe/Berlin')).toBe('Europe/Berlin');
    const own = readZone('');
    for (const text of ['Nowhere/At-All', '../../etc/passwd', 'x'.repeat(100), '<b>']) expect(readZone(text)).toBe(own);
  });
});
