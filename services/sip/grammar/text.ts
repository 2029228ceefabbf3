import { isUtf8 } from 'node:buffer';

/**
 * Inside this room, header text is a "binary" string, one character a byte, as the `sip` package wants it: nothing is lost
 * when a header is echoed. What leaves the room is decoded here.
 */

const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const BEYOND_ASCII = /[^\0-\x7f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not pass
const CONTROLS = /[\0-\x1f\x7f]+/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not pass
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;
/** Hardly anything that is quoted has any of it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not pass
const UNFIT_FOR_QUOTES = /[\0-\x1f\x7f"\\]/;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const LESS = 0x3c;
const GREATER = 0x3e;

/** RFC 3261 §25.1 `token`. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Bytes → text: UTF-8 (RFC 3261 §7), or Latin-1 where it is none, as old phones send their display names. */
export function decode(binary: string): string {
  if (!BEYOND_ASCII.test(binary)) return binary;
  const bytes = Buffer.from(binary, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : binary;
}

/** Text → bytes of UTF-8, still as a binary string. */
export function encode(text: string): string {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

/** Without blanks at both ends. Not String.trim: that takes the byte A0 for a blank, and "à" in UTF-8 ends with it. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** A text that can stand in a header field's value and nowhere else: control characters, line ends above all, become a blank. */
export function headerText(text: string): string {
  return CONTROL.test(text) ? text.replace(CONTROLS, ' ').trim() : text;
}

/** A quoted-string (RFC 3261 §25.1). */
export function quote(text: string): string {
  if (!UNFIT_FOR_QUOTES.test(text)) return `"${text}"`;
  return `"${text.replace(CONTROLS, ' ').replace(/["\\]/g, '\\$&')}"`;
}

/** `"a \"b\""` → `a "b"`; what is not quoted comes back as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || text.charCodeAt(0) !== QUOTE) return text;
  const inner = text.slice(1, -1);
  return inner.includes('\\') ? inner.replace(/\\([\s\S])/g, '$1') : inner;
}

/** Index of the quote that closes the one at `open`; -1 when none does. */
export function closingQuote(text: string, open: number): number {
  let index = text.indexOf('"', open + 1);
  while (index > 0 && isEscaped(text, open, index)) index = text.indexOf('"', index + 1);
  return index;
}

/** Whether an odd number of backslashes stands before `index`, counted down to `open` at most. */
function isEscaped(text: string, open: number, index: number): boolean {
  let first = index;
  while (first - 1 > open && text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (index - first) % 2 === 1;
}

/**
 * Splits at commas outside quotes and angle brackets (RFC 3261 §7.3.1); empty elements stay.
 * @returns undefined when a quote or a bracket is not closed.
 */
export function splitElements(text: string): string[] | undefined {
  if (!text.includes(',') && !text.includes('"')) return hasFairBrackets(text) ? [trimBlanks(text)] : undefined;
  const elements: string[] = [];
  let start = 0;
  let bracketed = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index = closingQuote(text, index);
      if (index < 0) return undefined;
    } else if (code === LESS || code === GREATER) {
      if (bracketed === (code === LESS)) return undefined;
      bracketed = code === LESS;
    } else if (code === COMMA && !bracketed) {
      elements.push(trimBlanks(text.slice(start, index)));
      start = index + 1;
    }
  }
  if (bracketed) return undefined;
  elements.push(trimBlanks(start === 0 ? text : text.slice(start)));
  return elements;
}

/** Each `<` is followed by its own `>`. */
function hasFairBrackets(text: string): boolean {
  let open = text.indexOf('<');
  let close = text.indexOf('>');
  while (open >= 0) {
    const next = text.indexOf('<', open + 1);
    if (close < open || (next >= 0 && next < close)) return false;
    open = next;
    close = text.indexOf('>', close + 1);
  }
  return close < 0;
}

/** Runs of blanks outside quotes become one, so that no pattern of the `sip` package can be made to try them all. */
export function collapseBlanks(balanced: string): string {
  if (!balanced.includes('  ') && !balanced.includes('\t')) return balanced;
  return balanced.replace(/"(?:[^"\\]|\\[\s\S])*"|[ \t]+/g, (found) => (found.charCodeAt(0) === QUOTE ? found : ' '));
}

/**
 * How many characters count: all but blanks outside quotes. What a parser returns must weigh what it was given.
 * @returns -1 when a quote is not closed.
 */
export function weigh(text: string): number {
  if (!text.includes('"')) return text.length - countBlanks(text, 0, text.length);
  let weight = text.length;
  let index = 0;
  for (let open = text.indexOf('"'); open >= 0; open = text.indexOf('"', index)) {
    weight -= countBlanks(text, index, open);
    const close = closingQuote(text, open);
    if (close < 0) return -1;
    index = close + 1;
  }
  return weight - countBlanks(text, index, text.length);
}

function countBlanks(text: string, start: number, end: number): number {
  let count = 0;
  for (let index = start; index < end; index += 1) if (isBlank(text.charCodeAt(index))) count += 1;
  return count;
}
