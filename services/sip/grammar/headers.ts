import type { Headers } from '../message.ts';
import { canonicalName } from './header-names.ts';
import { decode, encode, splitElements } from './text.ts';

/** The rows of a head: canonical names and unfolded, trimmed values as binary text, side by side. */
export interface Rows {
  readonly names: readonly string[];
  readonly values: readonly string[];
}

const ROWS = Symbol('rows');

/** A class, because methods on a prototype cost nothing until used, while those of an object literal are made for each message. */
class HeadersOfRows implements Headers {
  readonly [ROWS]: Rows;

  constructor(rows: Rows) {
    this[ROWS] = rows;
  }

  get(name: string): string | undefined {
    const { names, values } = this[ROWS];
    const index = names.indexOf(canonicalName(name));
    return index < 0 ? undefined : decode(values[index] as string);
  }

  all(name: string): readonly string[] {
    return valuesOf(this[ROWS], canonicalName(name)).map(decode);
  }

  list(name: string): readonly string[] {
    const elements: string[] = [];
    for (const value of valuesOf(this[ROWS], canonicalName(name)))
      for (const element of splitElements(value) ?? [value]) if (element !== '') elements.push(decode(element));
    return elements;
  }
}

export const makeHeaders = (rows: Rows): Headers => new HeadersOfRows(rows);

/** Every value under a canonical name, as binary text. */
export function valuesOf(rows: Rows, name: string): string[] {
  const values: string[] = [];
  for (let index = rows.names.indexOf(name); index >= 0; index = rows.names.indexOf(name, index + 1))
    values.push(rows.values[index] as string);
  return values;
}

/** The same for any Headers, so that what came in can be echoed byte for byte. `name` in canonical form. */
export function wireValues(headers: Headers, name: string): readonly string[] {
  return headers instanceof HeadersOfRows ? valuesOf(headers[ROWS], name) : headers.all(name).map(encode);
}
