import type { Headers } from '../message.ts';
import { canonicalName } from './header-names.ts';
import { decode, encode, splitElements } from './text.ts';

/** The rows of a head: canonical names and unfolded, trimmed values as binary text, side by side. */
export interface Rows {
  readonly names: readonly string[];
  readonly values: readonly string[];
}

const ROWS = Symbol('rows');

interface HeadersWithRows extends Headers {
  readonly [ROWS]: Rows;
}

export function makeHeaders(rows: Rows): Headers {
  const headers: HeadersWithRows = {
    [ROWS]: rows,
    get(name) {
      const index = rows.names.indexOf(canonicalName(name));
      return index < 0 ? undefined : decode(rows.values[index] as string);
    },
    all: (name) => valuesOf(rows, canonicalName(name)).map(decode),
    list(name) {
      const elements: string[] = [];
      for (const value of valuesOf(rows, canonicalName(name)))
        for (const element of splitElements(value) ?? [value]) if (element !== '') elements.push(decode(element));
      return elements;
    },
  };
  return headers;
}

/** Every value under a canonical name, as binary text. */
export function valuesOf(rows: Rows, name: string): string[] {
  const values: string[] = [];
  for (let index = rows.names.indexOf(name); index >= 0; index = rows.names.indexOf(name, index + 1))
    values.push(rows.values[index] as string);
  return values;
}

/** The same for any Headers, so that what came in can be echoed byte for byte. `name` in canonical form. */
export function wireValues(headers: Headers, name: string): readonly string[] {
  const rows = (headers as Partial<HeadersWithRows>)[ROWS];
  return rows === undefined ? headers.all(name).map(encode) : valuesOf(rows, name);
}
