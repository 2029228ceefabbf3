import sip from 'sip';
import type { NameAddr } from '../message.ts';
import { mapParams } from './params.ts';
import { closingQuote, collapseBlanks, decode, encode, splitElements, trimBlanks, unquote } from './text.ts';
import { isUri } from './uri.ts';

/** Display names without quotes that no token can be: bare UTF-8, brackets. Read over as long as they cannot mean two things. */
const LOOSE_NAME = /^[^"<>,;:@\\]*$/;
const TOKENS = /^[A-Za-z0-9\-.!%*_+`'~ ]*$/;

/** `"Alice" <sip:alice@example.com>;tag=1` or `sip:alice@example.com;tag=1` (RFC 3261 §20.10). */
export function readNameAddr(text: string): NameAddr | undefined {
  const elements = splitElements(encode(text));
  return elements?.length === 1 ? readElement(elements[0] as string) : undefined;
}

/** Every element of some rows (Contact, Route, Record-Route); undefined when one of them cannot be read. */
export function readNameAddrs(rows: readonly string[]): NameAddr[] | undefined {
  const found: NameAddr[] = [];
  for (const row of rows) {
    const elements = splitElements(row);
    if (elements === undefined) return undefined;
    for (const element of elements) {
      const nameAddr = readElement(element);
      if (nameAddr === undefined) return undefined;
      found.push(nameAddr);
    }
  }
  return found;
}

/** One row that must be one element (From, To), as binary text. */
export function readOneNameAddr(row: string): NameAddr | undefined {
  const elements = splitElements(row);
  return elements?.length === 1 ? readElement(elements[0] as string) : undefined;
}

/** @param element with quotes and brackets closed, without a comma outside of them: so `sip` reads it in linear time. */
function readElement(element: string): NameAddr | undefined {
  let text = collapseBlanks(element);
  let looseName = '';
  const bracket = text.charCodeAt(0) === 0x22 ? text.indexOf('<', closingQuote(text, 0)) : text.indexOf('<');
  if (bracket > 0 && text.charCodeAt(0) !== 0x22) {
    const name = text.slice(0, bracket);
    if (!TOKENS.test(name)) {
      // Without brackets the semicolon ends the URI: a bracket in a quoted parameter is no name's end.
      if (LOOSE_NAME.test(name)) {
        looseName = trimBlanks(name);
        text = text.slice(bracket);
      }
    }
  }
  const position = { s: text, i: 0 };
  try {
    const raw = sip.parseAOR(position);
    // What `sip` did not understand it leaves behind without a word.
    if (position.i !== text.length) return undefined;
    const uri = trimBlanks(raw.uri);
    const bracketed = raw.name !== undefined || text.charCodeAt(0) === 0x3c;
    if (!isUri(uri) || (!bracketed && /[?,]/.test(uri))) return undefined;
    const params = mapParams(raw.params, countParams(text, bracketed));
    if (params === undefined) return undefined;
    return { displayName: decode(looseName === '' ? unquote(raw.name ?? '') : looseName), uri: decode(uri), params };
  } catch {
    // `sip` throws where it finds no address at all.
    return undefined;
  }
}

/** Semicolons outside quotes, behind the address. */
function countParams(text: string, bracketed: boolean): number {
  let count = 0;
  let index = 0;
  if (bracketed) {
    if (text.charCodeAt(0) === 0x22) index = closingQuote(text, 0);
    index = text.indexOf('>', index);
  }
  for (; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x3b) count += 1;
    else if (code === 0x22) index = closingQuote(text, index);
  }
  return count;
}
