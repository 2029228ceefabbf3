import type { Credentials, NameAddr, SipRequest, Via } from '../message.ts';
import { canonicalName, SINGLE } from './header-names.ts';
import { makeHeaders } from './headers.ts';
import { LIMITS, MOST_PARAMS } from './limits.ts';
import { NO_PARAMS } from './params.ts';
import { trimBlanks, unquote } from './text.ts';
import { hasTooManyParams } from './uri.ts';

/**
 * Requests as nearly all are: ASCII, one line a header field, nothing quoted but what usually is, SIP URIs of names and numbers.
 * They are read in one pass, at a fraction of what the whole grammar costs. What is read here is read exactly as the whole grammar
 * reads it, which tests hold against each other; at the first thing that is out of the ordinary, be it wrong or only rare,
 * nothing is said and the whole grammar reads the message from its beginning.
 */

/** Beyond it, and for more fields, somebody is trying something. */
const LONGEST_HEAD = 8_000;
const MOST_FIELDS = 64;

const BLANK = 0x20;
const QUOTE = 0x22;
const END_OF_HEAD = '\r\n\r\n';
/** Lines of printable ASCII, none of them the continuation of another. */
const PLAIN_HEAD = /^(?:[!-9;-~][ -~]*\r\n)+$/;
const BARE_URI = "sips?:(?:[\\w.!~*'()+-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*(?::\\d{1,5})?";
const URI = `${BARE_URI}(?:;[a-z-]+(?:=[\\w.+-]+)?)*`;
const REQUEST_LINE = new RegExp(`^([A-Z]+) (${URI}) SIP/2\\.0$`);
const TOKEN = "[\\w.!%*+`'~-]+";
const PARAMS = `((?:;[a-z-]+(?:=${TOKEN})?)*)`;
/** As in a Contact: `+sip.instance="<urn:uuid:…>"`. */
const PARAMS_AND_QUOTES = `((?:;[a-z+.-]+(?:=(?:${TOKEN}|"[^"\\\\;,]*"))?)*)`;
/** A URI in brackets, perhaps behind words or words in quotes, or by itself; then parameters. */
const NAME_ADDR = new RegExp(
  `^(?:(?:"(\\w+(?: \\w+)*)" ?|(\\w+(?: \\w+)*) )?<(${URI})>|(${BARE_URI}))${PARAMS_AND_QUOTES}$`,
);
const VIA = new RegExp(`^SIP/2\\.0/([A-Z]+) ([A-Za-z0-9_.-]+)(?::(\\d{1,5}))?${PARAMS}$`);
const AUTH_PARAM = `[a-z]+=(?:"[^"\\\\]*"|${TOKEN})`;
const DIGEST = new RegExp(`^Digest ${AUTH_PARAM}(?:, ?${AUTH_PARAM})*$`);
const CSEQ = /^(\d{1,9}) ([A-Z]+)$/;
const MAX_FORWARDS = /^(?:\d{1,2}|1\d\d|2[0-4]\d|25[0-5])$/;
const LENGTH = /^\d{1,6}$/;
const MAX_PORT = 65_535;
const NOTHING = new Uint8Array(0);

/** What is filled in line by line. */
interface Found {
  readonly via: Via[];
  from: NameAddr | undefined;
  to: NameAddr | undefined;
  callId: string;
  cseq: SipRequest['cseq'] | undefined;
  /** Of the body, as announced; -1 when it is not. */
  length: number;
  contact: readonly NameAddr[];
  route: readonly NameAddr[];
  recordRoute: readonly NameAddr[];
  authorization: readonly Credentials[];
}

/** @returns undefined for whatever is not such a request: then nothing is known of it yet. */
export function readPlain(bytes: Buffer): SipRequest | undefined {
  // A response begins with `SIP/`; what begins with no capital letter is no method that is spelled as usual.
  if (bytes[3] === 0x2f || (bytes[0] as number) < 0x41 || (bytes[0] as number) > 0x5a) return undefined;
  const text = bytes.toString('latin1', 0, Math.min(bytes.length, LONGEST_HEAD));
  const end = text.indexOf(END_OF_HEAD);
  if (end < 0) return undefined;
  const head = text.slice(0, end + 2);
  if (!PLAIN_HEAD.test(head)) return undefined;
  let start = head.indexOf('\r\n');
  const line = REQUEST_LINE.exec(head.slice(0, start));
  if (line === null) return undefined;
  const [, method = '', uri = ''] = line;
  if (hasTooManyParams(uri)) return undefined;

  const names: string[] = [];
  const values: string[] = [];
  const found: Found = {
    via: [],
    from: undefined,
    to: undefined,
    callId: '',
    cseq: undefined,
    length: -1,
    contact: NONE,
    route: NONE,
    recordRoute: NONE,
    authorization: NONE,
  };
  for (start += 2; start < head.length; ) {
    const stop = head.indexOf('\r\n', start);
    const colon = head.indexOf(':', start);
    if (colon < 0 || colon >= stop || names.length === MOST_FIELDS) return undefined;
    const name = canonicalName(head.slice(start, colon));
    const value = trimBlanks(head.slice(head.charCodeAt(colon + 1) === BLANK ? colon + 2 : colon + 1, stop));
    if (!takeField(name, value, names, found)) return undefined;
    names.push(name);
    values.push(value);
    start = stop + 2;
  }
  const { via, from, to, callId, cseq, length, contact, route, recordRoute, authorization } = found;
  if (via.length === 0 || from === undefined || to === undefined || callId === '') return undefined;
  if (cseq === undefined || cseq.method !== method) return undefined;
  const content = bytes.subarray(end + END_OF_HEAD.length);
  if (length > content.length || content.length > LIMITS.body) return undefined;
  const size = length < 0 ? content.length : length;
  return {
    kind: 'request',
    method,
    uri,
    headers: makeHeaders({ names, values }),
    via,
    from,
    to,
    callId,
    cseq,
    body: size === 0 ? NOTHING : content.subarray(0, size),
    contact,
    route,
    recordRoute,
    authorization,
  };
}

const NONE: readonly never[] = [];
const NAME = /^[A-Za-z-]+$/;

/** @returns false when the field is out of the ordinary, or is there twice. */
function takeField(name: string, value: string, before: readonly string[], found: Found): boolean {
  switch (name) {
    case 'via': {
      const via = readVia(value);
      if (via === undefined) return false;
      found.via.push(via);
      return true;
    }
    case 'from':
      if (found.from !== undefined) return false;
      found.from = readNameAddr(value);
      return found.from !== undefined;
    case 'to':
      if (found.to !== undefined) return false;
      found.to = readNameAddr(value);
      return found.to !== undefined;
    case 'call-id':
      if (found.callId !== '' || value.includes(' ')) return false;
      found.callId = value;
      return true;
    case 'cseq':
      if (found.cseq !== undefined) return false;
      found.cseq = readCSeq(value);
      return found.cseq !== undefined;
    case 'content-length':
      if (found.length >= 0 || !LENGTH.test(value)) return false;
      found.length = Number(value);
      return true;
    case 'max-forwards':
      return MAX_FORWARDS.test(value) && !before.includes(name);
    case 'contact':
      found.contact = plus(found.contact, readNameAddr(value));
      return found.contact !== NONE;
    case 'route':
      found.route = plus(found.route, readNameAddr(value));
      return found.route !== NONE;
    case 'record-route':
      found.recordRoute = plus(found.recordRoute, readNameAddr(value));
      return found.recordRoute !== NONE;
    case 'authorization':
      found.authorization = plus(found.authorization, readDigestRow(value));
      return found.authorization !== NONE;
    default:
      return NAME.test(name) && !(SINGLE.has(name) && before.includes(name));
  }
}

/** NONE when the one to be added could not be read. */
function plus<T>(some: readonly T[], one: T | undefined): readonly T[] {
  if (one === undefined) return NONE;
  return some.length === 0 ? [one] : [...some, one];
}

function readCSeq(value: string): SipRequest['cseq'] | undefined {
  const match = CSEQ.exec(value);
  return match === null ? undefined : { seq: Number(match[1]), method: match[2] as string };
}

function readNameAddr(value: string): NameAddr | undefined {
  const match = NAME_ADDR.exec(value);
  if (match === null) return undefined;
  const [, quoted, words, bracketed, bare = '', tail = ''] = match;
  const params = readTail(tail);
  const uri = bracketed ?? bare;
  if (params === undefined || hasTooManyParams(uri)) return undefined;
  return { displayName: quoted ?? words ?? '', uri, params };
}

function readVia(value: string): Via | undefined {
  const match = VIA.exec(value);
  if (match === null) return undefined;
  const [, transport = '', host = '', port, tail = ''] = match;
  const params = readTail(tail);
  const number = port === undefined ? undefined : Number(port);
  if (params === undefined || (number !== undefined && number > MAX_PORT)) return undefined;
  return { transport, host, port: number, params };
}

/** `;branch=z9hG4bK1;rport`, known to be well-formed; undefined when a name is there twice. */
function readTail(tail: string): ReadonlyMap<string, string | null> | undefined {
  if (tail === '') return NO_PARAMS;
  const params = new Map<string, string | null>();
  for (let start = 1; start < tail.length; ) {
    const semicolon = tail.indexOf(';', start);
    const stop = semicolon < 0 ? tail.length : semicolon;
    const equals = tail.indexOf('=', start);
    const hasValue = equals >= 0 && equals < stop;
    const name = tail.slice(start, hasValue ? equals : stop);
    if (params.has(name) || params.size === MOST_PARAMS) return undefined;
    params.set(name, hasValue ? unquote(tail.slice(equals + 1, stop)) : null);
    start = stop + 1;
  }
  return params;
}

function readDigestRow(value: string): Credentials | undefined {
  if (!DIGEST.test(value)) return undefined;
  const params = new Map<string, string>();
  for (let start = 'Digest '.length; start < value.length; ) {
    const equals = value.indexOf('=', start);
    const name = value.slice(start, equals);
    if (params.has(name) || name === 'scheme') return undefined;
    const isQuoted = value.charCodeAt(equals + 1) === QUOTE;
    const from = isQuoted ? equals + 2 : equals + 1;
    const found = value.indexOf(isQuoted ? '"' : ',', from);
    const stop = found < 0 ? value.length : found;
    params.set(name, value.slice(from, stop));
    start = isQuoted ? stop + 2 : stop + 1;
    if (value.charCodeAt(start) === BLANK) start += 1;
  }
  return { scheme: 'digest', params };
}
