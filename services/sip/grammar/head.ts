import { canonicalName, SINGLE } from './header-names.ts';
import type { Rows } from './headers.ts';
import type { Limits } from './limits.ts';
import { isToken, trimBlanks } from './text.ts';

/** Why a message is refused, and with which status; the first that is found is told. */
export interface Fault {
  readonly why: string;
  readonly status: number;
}

export interface Head extends Rows {
  readonly startLine: string;
  readonly fault: Fault | undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const ODD = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters a quoted-pair may hide (RFC 3261 §25.1)
const QUOTED_PAIRS = /\\[\0-\x09\x0b\x0c\x0e-\x7f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const FORBIDDEN = /[\0-\x08\x0a-\x1f\x7f]/;

/**
 * Start line and header rows (RFC 3261 §7.3): unfolded, named canonically. Everything that can be read is read, whatever
 * fault was found, so that a refusal can be addressed. No CR and no LF is in any value.
 * @param text the head as binary text, without the empty line.
 */
export function readHead(text: string, limits: Limits): Head {
  const names: string[] = [];
  const values: string[] = [];
  const odd = ODD.test(text);
  let fault: Fault | undefined;
  const refuse = (why: string, status = 400): void => {
    fault ??= { why, status };
  };

  let end = lineEnd(text, 0);
  const startLine = text.slice(0, end);
  if (odd && FORBIDDEN.test(startLine)) refuse('Control Character in Start Line');
  for (let start = end + 2; start < text.length; start = end + 2) {
    end = lineEnd(text, start);
    if (names.length === limits.fields) {
      refuse('Too Many Header Fields', 513);
      break;
    }
    const colon = text.indexOf(':', start);
    if (colon < 0 || colon >= end) {
      refuse('Header Line without Colon');
      continue;
    }
    const spelled = trimBlanks(text.slice(start, colon));
    if (!isToken(spelled)) {
      refuse('Malformed Header Name');
      continue;
    }
    const name = canonicalName(spelled);
    if (end - colon - 1 > limits.value) {
      refuse('Header Field Too Long', 513);
      continue;
    }
    let value = text.slice(colon + 1, end);
    if (value.includes('\r\n')) value = value.replace(/\r\n[ \t]+/g, ' ');
    if (odd && FORBIDDEN.test(value)) {
      if (FORBIDDEN.test(value.replace(QUOTED_PAIRS, ''))) refuse('Control Character in Header Field');
      value = value.replace(/[\r\n]/g, ' ');
    }
    if (SINGLE.has(name) && names.includes(name)) refuse('Header Field Occurs Twice');
    names.push(name);
    values.push(trimBlanks(value));
  }
  return { startLine, names, values, fault };
}

/** End of the line that starts at `start`, continuation lines included. */
function lineEnd(text: string, start: number): number {
  let end = text.indexOf('\r\n', start);
  while (end >= 0 && end + 2 < text.length) {
    const next = text.charCodeAt(end + 2);
    if (next !== 0x20 && next !== 0x09) return end;
    end = text.indexOf('\r\n', end + 2);
  }
  return end < 0 ? text.length : end;
}
