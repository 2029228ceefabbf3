import type { Params } from '../message.ts';
import { NO_PARAMS, readParams } from './params.ts';
import { isToken, splitElements, trimBlanks } from './text.ts';

/** The largest delta-seconds (RFC 3261 §20.19). */
export const MAX_DELTA_SECONDS = 2 ** 32 - 1;

/**
 * A number of digits alone: Expires, Max-Forwards, Retry-After.
 * @param max what larger numbers, however long, are taken for; RFC 3261 §20.19 wants that for more than 2^32-1.
 * @returns undefined when the text is no number.
 */
export function readNumber(text: string, max: number = MAX_DELTA_SECONDS): number | undefined {
  const digits = trimBlanks(text);
  return /^\d+$/.test(digits) ? Math.min(Number(digits), max) : undefined;
}

export interface MediaType {
  /** `application/pidf+xml`, lower case, without parameters. */
  readonly type: string;
  readonly params: Params;
}

/** Content-Type (RFC 3261 §20.15). */
export function readMediaType(text: string): MediaType | undefined {
  const split = splitValue(text);
  const match = split === undefined ? null : /^([^/\s]+)[ \t]?\/[ \t]?([^/\s]+)$/.exec(split.value);
  const [, main = '', sub = ''] = match ?? [];
  if (split === undefined || !isToken(main) || !isToken(sub)) return undefined;
  return { type: `${main}/${sub}`.toLowerCase(), params: split.params };
}

export interface AcceptRange extends MediaType {
  /** 0 (never) to 1 (gladly). */
  readonly q: number;
}

/**
 * Accept header rows or elements (RFC 3261 §20.1, RFC 2616 §14.1), in the order written. The type may be a wildcard, `text` + `/*`.
 * An element that cannot be read accepts nothing and is left out.
 */
export function readAccept(values: readonly string[]): readonly AcceptRange[] {
  const ranges: AcceptRange[] = [];
  for (const value of values)
    for (const element of splitElements(value) ?? []) {
      const range = readMediaType(element);
      if (range === undefined) continue;
      const q = readQ(range.params.get('q'));
      if (q !== undefined) ranges.push({ ...range, q });
    }
  return ranges;
}

function readQ(text: string | null | undefined): number | undefined {
  if (text === undefined) return 1;
  return text !== null && /^(?:0(?:\.\d*)?|1(?:\.0*)?|\.\d+)$/.test(text) ? Number(text) : undefined;
}

/** Event (RFC 6665 §8.2.1). The name is compared byte by byte, so it stays as written. One value, never a list. */
export function readEvent(value: string): { readonly name: string; readonly params: Params } | undefined {
  const split = splitValue(value);
  if (split === undefined || !/^[^.]+(?:\.[^.]+)*$/.test(split.value) || !isToken(split.value)) return undefined;
  return { name: split.value, params: split.params };
}

function splitValue(text: string): { readonly value: string; readonly params: Params } | undefined {
  const semicolon = text.indexOf(';');
  if (semicolon < 0) return { value: trimBlanks(text), params: NO_PARAMS };
  const params = readParams(text.slice(semicolon));
  return params === undefined ? undefined : { value: trimBlanks(text.slice(0, semicolon)), params };
}
