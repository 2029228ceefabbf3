import { readMessage } from '../grammar/index.ts';
import type { Headers, NameAddr, SipResponse, Via } from '../message.ts';
import { inLowerCase } from './match.ts';

/**
 * The hot path: nearly every response is the plain 200 of a watcher to a NOTIFY, of which nobody reads more than that it is
 * one. What its transaction is known by is picked out here in a ninth of the time that a full reading takes (see
 * bench/micro/transaction.ts); the rest is read when somebody asks for it. Whatever looks unusual is left to the grammar.
 */
export interface ScannedResponse {
  readonly branch: string;
  /** `host:port`, lower case. */
  readonly sentBy: string;
  readonly method: string;
  readonly seq: number;
}

// Sticky and without groups: where they end is told by `lastIndex`, and nothing is made for it.
const START =
  /SIP\/2\.0 200 [^\r\n]*\r\nVia: SIP\/2\.0\/[A-Z]+ (?:[\w.-]+|\[[\dA-Fa-f:.]+\]):[1-9]\d{0,4};[\w;=.:[\]*+!%'~-]*\r\n/y;
const ANNOUNCES_A_BODY = /content-length[ \t]*:(?![ \t]*0+[ \t]*\r\n)/iy;
const CSEQ = /CSeq: \d{1,10} [A-Z]+\r\n/y;

/** Where this pattern, tried at `from`, ends; 0 where the text is no such thing. */
function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : 0;
}

/** Undefined for everything but a plain 200 without a body whose first header line is its only Via. */
export function scanResponse(bytes: Uint8Array): ScannedResponse | undefined {
  // `SIP/2.0 2`: requests and errors are not even turned into text.
  if (bytes[8] !== 0x32 || bytes[0] !== 0x53) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const length = endOf(START, text, 0);
  if (length === 0) return undefined;
  const sentByAt = text.indexOf(' ', text.indexOf('\r\n') + VIA.length) + 1;
  const params = text.indexOf(';', sentByAt);
  const branchAt = text.indexOf(BRANCH, params) + BRANCH.length;
  const branch = text.slice(branchAt, endOfParam(text, branchAt, length));
  if (branchAt < BRANCH.length || branchAt >= length || branch === '') return undefined;
  let cseqAt = 0;
  let from = length;
  for (let to = text.indexOf('\r\n', from); to > from; to = text.indexOf('\r\n', from)) {
    switch (text.charCodeAt(from) | 0x20) {
      case 0x63: // c
        if (text.startsWith('CSeq:', from)) cseqAt = endOf(CSEQ, text, from) === 0 ? 0 : from + 6;
        else if (endOf(ANNOUNCES_A_BODY, text, from) > 0) return undefined;
        break;
      case 0x20: // a folded line
      case 0x29: // likewise, by a tab
      case 0x6c: // l, Content-Length in short
      case 0x76: // v, another Via
        return undefined;
    }
    from = to + 2;
  }
  if (cseqAt === 0 || from !== text.length - 2) return undefined;
  const methodAt = text.indexOf(' ', cseqAt) + 1;
  return {
    branch,
    sentBy: inLowerCase(text.slice(sentByAt, params)),
    method: text.slice(methodAt, text.indexOf('\r', methodAt)),
    seq: Number(text.slice(cseqAt, methodAt - 1)),
  };
}

const VIA = '\r\nVia: ';
const BRANCH = ';branch=';

/** @param lineEnd behind the line's own end. */
function endOfParam(text: string, from: number, lineEnd: number): number {
  const next = text.indexOf(';', from);
  return next < 0 || next > lineEnd ? lineEnd - 2 : next;
}

const NO_HEADERS: Headers = { get: () => undefined, all: () => [], list: () => [] };
const NOBODY: NameAddr = { displayName: '', uri: '', params: new Map() };
const NOTHING = new Uint8Array(0);

/**
 * The whole of a scanned response, read when first asked for; empty where the grammar would refuse it. A class, because
 * getters on a prototype cost nothing until used, while those of an object literal are made anew for each response.
 */
class LateResponse implements SipResponse {
  readonly kind = 'response';
  readonly status = 200;
  readonly cseq: SipResponse['cseq'];
  readonly #bytes: Uint8Array;
  #reading: SipResponse | 'unread' | 'unreadable' = 'unread';

  constructor(bytes: Uint8Array, { method, seq }: ScannedResponse) {
    this.#bytes = bytes;
    this.cseq = { seq, method };
  }

  #whole(): SipResponse | undefined {
    if (this.#reading === 'unread') {
      const read = readMessage(this.#bytes);
      this.#reading = read.kind === 'response' ? read : 'unreadable';
    }
    return this.#reading === 'unreadable' ? undefined : this.#reading;
  }
  get reason(): string {
    return this.#whole()?.reason ?? '';
  }
  get headers(): Headers {
    return this.#whole()?.headers ?? NO_HEADERS;
  }
  get via(): readonly Via[] {
    return this.#whole()?.via ?? [];
  }
  get from(): NameAddr {
    return this.#whole()?.from ?? NOBODY;
  }
  get to(): NameAddr {
    return this.#whole()?.to ?? NOBODY;
  }
  get callId(): string {
    return this.#whole()?.callId ?? '';
  }
  get body(): Uint8Array {
    return this.#whole()?.body ?? NOTHING;
  }
}

export const readLater = (bytes: Uint8Array, scanned: ScannedResponse): SipResponse => new LateResponse(bytes, scanned);
