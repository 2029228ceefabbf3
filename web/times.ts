import type { Words } from './words/index.ts';

/** Instants and spans as people say them, by the rules of their language (ECMA-402). */

const STEPS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** The largest unit of which there is at least one, and how many, rounded; undefined for less than half a second. */
function inLargestUnit(ms: number): { readonly unit: (typeof STEPS)[number][0]; readonly count: number } | undefined {
  const seconds = Math.round(ms / 1000);
  for (const [unit, size] of STEPS) if (seconds >= size) return { unit, count: Math.round(seconds / size) };
  return undefined;
}

/** `3 minutes`, `3 Minuten`. @param ms not negative. */
export function spanWords(ms: number, { language, times }: Words): string {
  const span = inLargestUnit(ms);
  if (span === undefined) return times.noTime;
  return new Intl.NumberFormat(language, { style: 'unit', unit: span.unit, unitDisplay: 'long' }).format(span.count);
}

/** `just now`, `3 minutes ago`, `in 2 hours`. Both in epoch ms. */
export function relativeWords(at: number, now: number, { language, times }: Words): string {
  const span = inLargestUnit(Math.abs(at - now));
  if (span === undefined || Math.abs(at - now) < 5000) return at > now ? times.soon : times.now;
  const count = at > now ? span.count : -span.count;
  return new Intl.RelativeTimeFormat(language, { numeric: 'always' }).format(count, span.unit);
}

/** `Fri 27 Nov, 18:30` at that place. */
export function instantWords(at: number, zone: string, { language }: Words): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}

/** A <time> element, machine-readable, the exact instant on hovering. Made of our own words alone, so it needs no escaping. */
export function timeTag(at: number, now: number, words: Words): string {
  const iso = new Date(at).toISOString();
  return `<time datetime="${iso}" title="${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC">${relativeWords(at, now, words)}</time>`;
}
