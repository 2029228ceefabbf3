import { canonicalName, SINGLE } from './header-names.ts';
import type { Rows } from './headers.ts';
import type { Limits } from './limits.ts';
import { isToken, trimBlanks } from './text.ts';

/** Why a message is refused, and with which status. */
export interface Fault {
  readonly why: string;
  readonly status: number;
}

export interface Head extends Rows {
  readonly startLine: string;
  readonly fault: Fault | undefined;
}

/** One line with its continuations: [start, end) in the head. */
interface Line {
  start: number;
  end: number;
  /** Index of the first colon; -1 without. */
  colon: number;
  folded: boolean;
  /** It has control characters: a bare CR or LF, NUL, … */
  odd: boolean;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that a quoted-pair may hide (RFC 3261 §25.1)
const QUOTED_PAIRS = /\\[\0-\x09\x0b\x0c\x0e-\x7f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;

/**
 * Start line and header rows (RFC 3261 §7.3): unfolded, named canonically. Everything that can be read is read, whatever
 * fault was found, so that a refusal can be addressed. No CR and no LF is in any value.
 * @param text the head as binary text, without the empty line.
 */
export function readHead(text: string, limits: Limits): Head {
  const names: string[] = [];
  const values: string[] = [];
  let fault: Fault | undefined;
  const refuse = (why: string, status = 400): void => {
    fault ??= { why, status };
  };

  const line: Line = { start: 0, end: 0, colon: -1, folded: false, odd: false };
  findLine(text, 0, line);
  const startLine = unfold(text.slice(0, line.end), line);
  if (line.odd) refuse('Control Character in Start Line');
  while (line.end + 2 < text.length) {
    findLine(text, line.end + 2, line);
    if (names.length === limits.fields) {
      refuse('Too Many Header Fields', 513);
      break;
    }
    if (line.colon < 0) {
      refuse('Header Line without Colon');
      continue;
    }
    const spelled = trimBlanks(text.slice(line.start, line.colon));
    if (!isToken(spelled)) {
      refuse('Malformed Header Name');
      continue;
    }
    if (line.end - line.colon - 1 > limits.value) {
      refuse('Header Field Too Long', 513);
      continue;
    }
    const name = canonicalName(spelled);
    const written = text.slice(line.colon + 1, line.end);
    if (line.odd && CONTROL.test(unfold(written, { ...line, odd: false }).replace(QUOTED_PAIRS, '')))
      refuse('Control Character in Header Field');
    if (SINGLE.has(name) && names.includes(name)) refuse('Header Field Occurs Twice');
    names.push(name);
    values.push(trimBlanks(unfold(written, line)));
  }
  return { startLine, names, values, fault };
}

/** Finds the end of the line that starts at `start`, and what is special about it, in one pass. */
function findLine(text: string, start: number, line: Line): void {
  line.start = start;
  line.colon = -1;
  line.folded = false;
  line.odd = false;
  let index = start;
  for (; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x3a) {
      if (line.colon < 0) line.colon = index;
    } else if (code === 0x0d && text.charCodeAt(index + 1) === 0x0a) {
      const next = text.charCodeAt(index + 2);
      if (next !== 0x20 && next !== 0x09) break;
      line.folded = true;
      index += 2;
    } else if ((code < 0x20 && code !== 0x09) || code === 0x7f) line.odd = true;
  }
  line.end = index;
}

/** RFC 3261 §7.3.1: a line end with blanks behind it is one blank. A bare CR or LF is never let through (and is refused). */
function unfold(text: string, line: Line): string {
  const unfolded = line.folded ? text.replace(/\r\n[ \t]+/g, ' ') : text;
  return line.odd ? unfolded.replace(/[\r\n]/g, ' ') : unfolded;
}
