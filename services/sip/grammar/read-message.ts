import type { NameAddr, Reading, SipRequest } from '../message.ts';
import { readCredentials } from './credentials.ts';
import { type Fault, type Head, readHead } from './head.ts';
import { makeHeaders, valuesOf } from './headers.ts';
import { LIMITS, type Limits } from './limits.ts';
import { readNameAddrs, readOneNameAddr } from './name-addr.ts';
import { NO_PARAMS } from './params.ts';
import { readPlain } from './read-plain.ts';
import { readStartLine, type StartLine } from './start-line.ts';
import { isToken } from './text.ts';
import { readVias, salvageVia } from './via.ts';

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const NOTHING = new Uint8Array(0);
const MAX_CSEQ = 2 ** 31 - 1;
const NOBODY: NameAddr = { displayName: '', uri: '', params: NO_PARAMS };

/**
 * Reads one message: a datagram, or what a stream's framing cut out. Bytes behind Content-Length are left alone (RFC 3261
 * §18.3). Never throws; time grows with the length and no faster, and `limits` bounds the length.
 */
export function readMessage(bytes: Uint8Array, limits: Limits = LIMITS): Reading {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (limits === LIMITS ? readPlain(buffer) : undefined) ?? readWhole(buffer, limits);
}

/** The same by the whole grammar, whatever the message looks like. */
export function readWhole(buffer: Buffer, limits: Limits = LIMITS): Reading {
  let start = 0;
  // RFC 3261 §7.5: empty lines in front of a start line are read over.
  while (start < buffer.length && (buffer[start] === 0x0d || buffer[start] === 0x0a)) start += 1;
  const found = buffer.subarray(start, start + limits.head + END_OF_HEAD.length).indexOf(END_OF_HEAD);
  const end = found < 0 ? Math.min(buffer.length, start + limits.head) : start + found;
  const head = readHead(buffer.toString('latin1', start, end), limits);

  const line = readStartLine(head.startLine, limits);
  if (line === undefined) return { kind: 'malformed', why: 'Not SIP', status: 400, request: undefined };
  const faults: Faults = [];
  if (found < 0) faults.push(unendedFault(buffer.length - start, limits));
  if (line.fault !== undefined) faults.push(line.fault);
  if (head.fault !== undefined) faults.push(head.fault);
  const content = buffer.subarray(found < 0 ? buffer.length : end + END_OF_HEAD.length);
  const common = readCommon(head, content, line, limits, faults);
  if (common === undefined)
    return { kind: 'malformed', why: 'Via Missing or Malformed', status: 400, request: undefined };

  if (line.kind === 'response') {
    const first = faults[0];
    return first === undefined
      ? { kind: 'response', status: line.status, reason: line.reason, ...common }
      : { kind: 'malformed', ...first, request: undefined };
  }
  const request: SipRequest = {
    kind: 'request',
    method: line.method,
    uri: line.uri,
    ...common,
    contact: readContact(head, faults),
    route: readRoutes(head, 'Route', faults),
    recordRoute: readRoutes(head, 'Record-Route', faults),
    authorization: readAuthorization(head, faults),
  };
  const first = faults[0];
  return first === undefined ? request : { kind: 'malformed', ...first, request };
}

/** The first is told, but reading goes on: what is left is needed to address the refusal. */
type Faults = Fault[];

function malformed(why: string): Fault {
  return { why, status: 400 };
}

function unendedFault(length: number, limits: Limits): Fault {
  return length > limits.head ? { why: 'Header Too Long', status: 513 } : malformed('No End of Header');
}

type Common = Pick<SipRequest, 'headers' | 'via' | 'from' | 'to' | 'callId' | 'cseq' | 'body'>;

/** What every message must have (RFC 3261 §8.1.1); undefined when not even the top Via says where an answer would go. */
function readCommon(
  head: Head,
  content: Uint8Array,
  line: StartLine,
  limits: Limits,
  faults: Faults,
): Common | undefined {
  const via = readVia(valuesOf(head, 'via'), faults);
  if (via === undefined) return undefined;
  const common = {
    headers: makeHeaders(head),
    via,
    from: readParty(head, 'from', faults),
    to: readParty(head, 'to', faults),
    callId: readCallId(head, faults),
    cseq: readCSeq(head, line, faults),
    body: readBody(head, content, limits, faults),
  };
  checkMaxForwards(head, faults);
  return common;
}

function firstValue(head: Head, name: string): string | undefined {
  const index = head.names.indexOf(name);
  return index < 0 ? undefined : head.values[index];
}

function readVia(rows: readonly string[], faults: Faults): SipRequest['via'] | undefined {
  const vias = readVias(rows);
  if (vias !== undefined) return vias;
  faults.push(malformed('Malformed Via'));
  const top = rows[0] === undefined ? undefined : salvageVia(rows[0]);
  return top === undefined ? undefined : [top];
}

function readParty(head: Head, name: 'from' | 'to', faults: Faults): NameAddr {
  const row = firstValue(head, name);
  const party = row === undefined ? undefined : readOneNameAddr(row);
  if (party !== undefined) return party;
  const header = name === 'from' ? 'From' : 'To';
  faults.push(malformed(row === undefined ? `Missing ${header}` : `Malformed ${header}`));
  const tag = /;[ \t]?tag[ \t]?=[ \t]?([\w\-.!%*+`'~]+)/i.exec(row ?? '')?.[1];
  return tag === undefined ? NOBODY : { ...NOBODY, params: new Map([['tag', tag]]) };
}

function readCallId(head: Head, faults: Faults): string {
  const callId = firstValue(head, 'call-id') ?? '';
  if (callId === '') faults.push(malformed('Missing Call-ID'));
  else if (!/^[\x21-\x7e]+$/.test(callId)) faults.push(malformed('Malformed Call-ID'));
  return callId;
}

/** Read here and not by `sip`, which unescapes methods (RFC 4475 §3.1.1.5) and finds numbers anywhere. */
function readCSeq(head: Head, line: StartLine, faults: Faults): SipRequest['cseq'] {
  const [, digits = '', method = ''] = /^(\d+)[ \t]+([^ \t]+)$/.exec(firstValue(head, 'cseq') ?? '') ?? [];
  const seq = Number(digits);
  if (digits === '' || !isToken(method)) faults.push(malformed('Missing or Malformed CSeq'));
  // RFC 3261 §8.1.1.5
  else if (seq > MAX_CSEQ) faults.push(malformed('CSeq Too Large'));
  else if (line.kind === 'request' && method !== line.method) faults.push(malformed('CSeq Method Mismatch'));
  return { seq: seq > MAX_CSEQ ? 0 : seq, method };
}

function checkMaxForwards(head: Head, faults: Faults): void {
  const text = firstValue(head, 'max-forwards');
  if (text === undefined) return;
  if (!/^\d+$/.test(text) || Number(text) > 255) faults.push(malformed('Malformed Max-Forwards'));
}

/** RFC 3261 §20.14, §18.3: in bytes; too few of them is an error, more are somebody else's. */
function readBody(head: Head, content: Uint8Array, limits: Limits, faults: Faults): Uint8Array {
  const text = firstValue(head, 'content-length');
  const length = text === undefined ? content.length : Number(text);
  if (text !== undefined && !/^\d+$/.test(text)) faults.push(malformed('Malformed Content-Length'));
  else if (length > limits.body) faults.push({ why: 'Body Too Large', status: 413 });
  else if (length > content.length) faults.push(malformed('Content-Length Beyond End'));
  else return length === 0 ? NOTHING : content.subarray(0, length);
  return NOTHING;
}

function readContact(head: Head, faults: Faults): readonly NameAddr[] {
  const rows = valuesOf(head, 'contact');
  if (rows.length === 0 || (rows.length === 1 && rows[0] === '*')) return [];
  return readAddresses(rows, 'Malformed Contact', faults);
}

function readRoutes(head: Head, name: 'Route' | 'Record-Route', faults: Faults): readonly NameAddr[] {
  const rows = valuesOf(head, name === 'Route' ? 'route' : 'record-route');
  return rows.length === 0 ? [] : readAddresses(rows, `Malformed ${name}`, faults);
}

function readAddresses(rows: readonly string[], why: string, faults: Faults): readonly NameAddr[] {
  const addresses = readNameAddrs(rows);
  if (addresses === undefined) faults.push(malformed(why));
  return addresses ?? [];
}

function readAuthorization(head: Head, faults: Faults): SipRequest['authorization'] {
  const rows = valuesOf(head, 'authorization');
  if (rows.length === 0) return [];
  const credentials = readCredentials(rows);
  if (credentials === undefined) faults.push(malformed('Malformed Authorization'));
  return credentials ?? [];
}
