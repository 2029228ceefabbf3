import type { Params } from '../message.ts';
import { MOST_PARAMS } from './limits.ts';
import { closingQuote, decode, isToken, trimBlanks, unquote } from './text.ts';

export const NO_PARAMS: Params = new Map();

/** Turns what the `sip` package read into a Map; undefined when it dropped one of `expected` (a double, or `__proto__`). */
export function mapParams(raw: Readonly<Record<string, string | null>>, expected: number): Params | undefined {
  const names = Object.keys(raw);
  if (names.length !== expected || expected > MOST_PARAMS) return undefined;
  if (expected === 0) return NO_PARAMS;
  const params = new Map<string, string | null>();
  for (const name of names) {
    const value = raw[name] ?? null;
    params.set(name, value === null ? null : decode(unquote(value)));
  }
  return params;
}

/**
 * Parameters as they follow a value: `;q=0.5 ;charset="utf-8";lr`. Values may be any text without blanks and separators.
 * @returns undefined when a name is no token, a quote is open, a name occurs twice (RFC 3261 §7.3.1) or there are too many.
 */
export function readParams(text: string): Params | undefined {
  if (text === '') return NO_PARAMS;
  const params = new Map<string, string | null>();
  let index = 0;
  while (index < text.length) {
    const end = paramEnd(text, index + 1);
    if (end < 0 || (text[index] !== ';' && trimBlanks(text.slice(index, end)) !== '')) return undefined;
    if (text[index] === ';') {
      const param = text.slice(index + 1, end);
      const equals = param.indexOf('=');
      const name = trimBlanks(equals < 0 ? param : param.slice(0, equals)).toLowerCase();
      const value = equals < 0 ? null : readValue(trimBlanks(param.slice(equals + 1)));
      if (!isToken(name) || value === undefined || params.has(name) || params.size === MOST_PARAMS) return undefined;
      params.set(name, value);
    }
    index = end;
  }
  return params;
}

/** Index of the semicolon that ends the parameter, or of the text's end; -1 when a quote stays open. */
function paramEnd(text: string, start: number): number {
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (character === ';') return index;
    if (character === '"') {
      index = closingQuote(text, index);
      if (index < 0) return -1;
    }
  }
  return text.length;
}

function readValue(text: string): string | undefined {
  if (text.startsWith('"')) return closingQuote(text, 0) === text.length - 1 ? unquote(text) : undefined;
  return text === '' || /[\s",<>]/.test(text) ? undefined : text;
}
