/** Instants as people say them. */

const STEPS: readonly (readonly [readonly [string, string], number])[] = [
  [['day', 'days'], 86_400],
  [['hour', 'hours'], 3600],
  [['minute', 'minutes'], 60],
  [['second', 'seconds'], 1],
];

/** A span in its largest unit, rounded: `3 minutes`. @param ms not negative. */
export function spanWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  for (const [[one, many], size] of STEPS) {
    const count = Math.round(seconds / size);
    if (seconds >= size) return count === 1 ? `1 ${one}` : `${count} ${many}`;
  }
  return '0 seconds';
}

/** `just now`, `3 minutes ago`, `in 2 hours`. Both in epoch ms. */
export function relativeWords(at: number, now: number): string {
  if (Math.abs(at - now) < 5000) return at > now ? 'in a moment' : 'just now';
  return at > now ? `in ${spanWords(at - now)}` : `${spanWords(now - at)} ago`;
}

/** A <time> element, machine-readable, the exact instant on hovering. Made of numbers alone, so it needs no escaping. */
export function timeTag(at: number, now: number): string {
  const iso = new Date(at).toISOString();
  return `<time datetime="${iso}" title="${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC">${relativeWords(at, now)}</time>`;
}
