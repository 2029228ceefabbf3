import type { Fault } from './head.ts';
import type { Limits } from './limits.ts';
import { decode, isToken, trimBlanks } from './text.ts';
import { isUri } from './uri.ts';

export type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string; readonly fault: Fault | undefined }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string; readonly fault: Fault | undefined };

const VERSION = /^SIP\/\d+\.\d+$/i;
const STATUS_LINE = /^(SIP\/\d+\.\d+) (\d+)(?: (.*))?$/is;

/**
 * Request-Line or Status-Line (RFC 3261 §7.1, §7.2). Blanks at its end are borne (RFC 4475 §3.1.2.10), other liberties not.
 * @returns undefined when it is not SIP at all.
 */
export function readStartLine(text: string, limits: Limits): StartLine | undefined {
  const line = trimBlanks(text);
  return /^SIP\//i.test(line) ? readStatusLine(line) : readRequestLine(line, limits);
}

function readRequestLine(line: string, limits: Limits): StartLine | undefined {
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  const version = line.slice(last + 1);
  if (first <= 0 || last <= first || !VERSION.test(version)) return undefined;
  const method = line.slice(0, first);
  const uri = line.slice(first + 1, last);
  return { kind: 'request', method, uri: decode(uri), fault: requestFault(method, uri, version, limits) };
}

function requestFault(method: string, uri: string, version: string, limits: Limits): Fault | undefined {
  if (!isCurrent(version)) return { why: 'Version Not Supported', status: 505 };
  if (!isToken(method)) return { why: 'Malformed Method', status: 400 };
  if (uri.length > limits.value) return { why: 'Request-URI Too Long', status: 414 };
  return isUri(uri) ? undefined : { why: 'Malformed Request-URI', status: 400 };
}

function readStatusLine(line: string): StartLine | undefined {
  const match = STATUS_LINE.exec(line);
  if (match === null) return undefined;
  const [, version = '', digits = '', reason = ''] = match;
  const status = Number(digits);
  const legal = isCurrent(version) && digits.length === 3 && status >= 100 && status <= 699;
  const fault = legal ? undefined : { why: 'Malformed Status Line', status: 400 };
  return { kind: 'response', status, reason: decode(reason), fault };
}

function isCurrent(version: string): boolean {
  return version.toUpperCase() === 'SIP/2.0';
}
