/**
 * Wall clocks. The browser's script says where it is; without it the clock of the server's place is meant. Days begin at
 * midnight there.
 */

const SERVER_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** An IANA time zone that this system knows; the server's own for anything else. */
export function readZone(text: string): string {
  if (!/^[A-Za-z0-9_+/-]{1,64}$/.test(text)) return SERVER_ZONE;
  try {
    return Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return SERVER_ZONE;
  }
}

/** What the clock on the wall there shows, as if it were UTC, epoch ms. */
function wallOf(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** The instant at which the clock there shows this; where clocks are put forward, the moment after the gap. */
function instantOf(wall: number, zone: string): number {
  const guess = wall - (wallOf(wall, zone) - wall);
  return guess - (wallOf(guess, zone) - wall);
}

/** The next midnight there, epoch ms. */
export function endOfDay(now: number, zone: string): number {
  const wall = wallOf(now, zone);
  return instantOf(wall - (wall % DAY_MS) + DAY_MS, zone);
}

/** Reads what `<input type="datetime-local">` sends, `2026-12-24T18:00`; undefined when it is none. */
export function readWallTime(text: string, zone: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)) return undefined;
  const wall = Date.parse(`${text}Z`);
  return Number.isNaN(wall) ? undefined : instantOf(wall, zone);
}

/** For the value of `<input type="datetime-local">`, to the minute. */
export const writeWallTime = (at: number, zone: string): string =>
  new Date(wallOf(Math.floor(at / MINUTE_MS) * MINUTE_MS, zone)).toISOString().slice(0, 16);
