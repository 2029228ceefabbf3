import type { StreamFault } from './transport.ts';

/**
 * Cuts a stream into messages (RFC 3261 §18.3): from the start line to as many bytes behind the empty line as Content-Length
 * says. Nothing else of a message is understood here. Each byte is looked at a bounded number of times, however the stream
 * was cut into segments, and what is held is no more than one message.
 */
export interface Framing {
  /** What is complete now, in the order of the stream. After a fault, nothing any more: where the next message begins is unknown. */
  push(segment: Uint8Array): readonly Piece[];
  /** Bytes of a message that has begun and is not complete. */
  readonly held: number;
  /** Nothing more is waited for: a message that has begun is a fault (RFC 3261 §18.3); undefined when none has. */
  cutShort(): Piece | undefined;
}

export type Piece =
  /** Memory of its own, so that keeping a body does not keep the segment. */
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  /** A double CRLF between two messages, which wants a single one back (RFC 5626 §4.4.1). */
  | { readonly kind: 'ping' }
  /** `bytes`: the head as far as it came, so that whoever sent it can be told. */
  | { readonly kind: 'fault'; readonly bytes: Uint8Array; readonly fault: StreamFault };

/** All in bytes; see the grammar's `Limits`. */
export interface FramingLimits {
  readonly head: number;
  readonly body: number;
}

const CR = 0x0d;
const LF = 0x0a;
const PING_OCTETS = [CR, LF, CR, LF];
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);
const PING: Piece = { kind: 'ping' };
/** What a message that has begun gets at first, when its second segment comes. */
const FIRST_CAPACITY = 2_048;

export function makeFraming(limits: FramingLimits): Framing {
  /** Holds what is not yet cut off in [start, end): the segment itself, or `isOwn`, memory that grows. */
  let buffer: Buffer = NOTHING;
  let isOwn = false;
  let start = 0;
  let end = 0;
  /** A message has begun at `start`; no end of its head is before `scanned`; its length, once that is known. */
  let begun = false;
  let scanned = 0;
  let length: number | undefined;
  /** How much of a double CRLF has just been seen. */
  let pinged = 0;
  let over = false;

  /** Capacity doubles, so that a message that comes byte by byte is copied a few times and not once for each byte. */
  function append(segment: Buffer): void {
    const held = end - start;
    if (!isOwn || end + segment.length > buffer.length) {
      const wanted = Math.max(FIRST_CAPACITY, 2 * (held + segment.length));
      const capacity = length === undefined ? wanted : Math.max(Math.min(wanted, length), held + segment.length);
      const larger = Buffer.allocUnsafeSlow(capacity);
      buffer.copy(larger, 0, start, end);
      buffer = larger;
      isOwn = true;
      scanned -= start;
      start = 0;
      end = held;
    }
    segment.copy(buffer, end);
    end += segment.length;
  }

  /** Reads over line ends in front of a start line (RFC 3261 §7.5). */
  function readLineEnds(pieces: Piece[]): void {
    for (; start < end; start += 1) {
      const octet = buffer[start];
      if (octet !== CR && octet !== LF) break;
      if (octet !== PING_OCTETS[pinged]) pinged = octet === CR ? 1 : 0;
      else pinged += 1;
      if (pinged < PING_OCTETS.length) continue;
      pinged = 0;
      pieces.push(PING);
    }
  }

  function fail(fault: StreamFault, until: number): Piece {
    const bytes = copyOf(buffer, start, until);
    over = true;
    buffer = NOTHING;
    start = 0;
    end = 0;
    return { kind: 'fault', bytes, fault };
  }

  /** The next message or fault; undefined when more must come first. */
  function cut(): Piece | undefined {
    if (length === undefined) {
      const found = buffer.subarray(0, end).indexOf(END_OF_HEAD, Math.max(start, scanned - END_OF_HEAD.length + 1));
      const headLength = (found < 0 ? end - END_OF_HEAD.length + 1 : found) - start;
      if (headLength > limits.head) return fail({ status: 513, why: 'Header Too Long' }, start + limits.head);
      if (found < 0) {
        scanned = end;
        return undefined;
      }
      const body = contentLength(buffer.toString('latin1', start, found), limits);
      if (typeof body !== 'number') return fail(body, found + END_OF_HEAD.length);
      length = headLength + END_OF_HEAD.length + body;
    }
    if (end - start < length) return undefined;
    const bytes = copyOf(buffer, start, start + length);
    start += length;
    length = undefined;
    begun = false;
    return { kind: 'message', bytes };
  }

  return {
    push(segment) {
      const pieces: Piece[] = [];
      if (over) return pieces;
      const bytes = Buffer.from(segment.buffer, segment.byteOffset, segment.byteLength);
      if (start === end) {
        buffer = bytes;
        isOwn = false;
        start = 0;
        end = bytes.length;
      } else append(bytes);

      while (start < end) {
        if (!begun) {
          readLineEnds(pieces);
          if (start === end) break;
          begun = true;
          pinged = 0;
          scanned = start;
          if (!isPrintable(buffer[start] as number)) {
            pieces.push(fail({ status: 400, why: 'Not SIP' }, start));
            return pieces;
          }
        }
        const piece = cut();
        if (piece === undefined) break;
        pieces.push(piece);
      }
      if (start === end) buffer = NOTHING;
      return pieces;
    },
    get held() {
      return end - start;
    },
    cutShort() {
      if (over || !begun) return undefined;
      return fail({ status: 400, why: 'Message Cut Short' }, Math.min(end, start + limits.head + limits.body));
    },
  };
}

/** TLS, STUN and the like are seen by their first byte, not when a limit is reached. */
const isPrintable = (octet: number): boolean => octet > 0x20 && octet < 0x7f;

function copyOf(buffer: Buffer, from: number, to: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(to - from);
  buffer.copy(bytes, 0, from, to);
  return bytes;
}

/**
 * RFC 3261 §20.14: on a stream it must be there, once: two that differ are how a message is smuggled in behind another.
 * @param head as binary text, without the empty line.
 */
function contentLength(head: string, limits: FramingLimits): number | StreamFault {
  const text = /\r\n[ \t]/.test(head) ? head.replace(/\r\n[ \t]+/g, ' ') : head;
  let found: string | undefined;
  for (let at = text.indexOf('\r\n'); at >= 0; at = text.indexOf('\r\n', at + 2)) {
    // c, Content-Length; l, the same in short
    const letter = text.charCodeAt(at + 2) | 0x20;
    if (letter !== 0x63 && letter !== 0x6c) continue;
    const next = text.indexOf('\r\n', at + 2);
    const value = FIELD.exec(text.slice(at + 2, next < 0 ? text.length : next))?.[1];
    if (value === undefined) continue;
    if (found !== undefined) return { status: 400, why: 'Header Field Occurs Twice' };
    found = value;
  }
  if (found === undefined) return { status: 400, why: 'Missing Content-Length' };
  const digits = VALUE.exec(found)?.[1];
  if (digits === undefined) return { status: 400, why: 'Malformed Content-Length' };
  const length = Number(digits);
  return length > limits.body ? { status: 413, why: 'Body Too Large' } : length;
}

const FIELD = /^(?:content-length|l)[ \t]*:(.*)$/is;
const VALUE = /^[ \t]*(\d+)[ \t]*$/;
