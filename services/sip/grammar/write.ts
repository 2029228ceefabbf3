import type { Answer, Flow, OutgoingRequest, SipRequest } from '../message.ts';
import { wireValues } from './headers.ts';
import { grantKeepAlives } from './keep-parameter.ts';
import { reasonPhrase } from './reason-phrases.ts';
import { encode, headerText, isToken } from './text.ts';
import { stampVia } from './top-via.ts';

const UNFIT_FOR_START_LINE = /[\0-\x20\x7f]/;

/**
 * The bytes of an answer (RFC 3261 §8.2.6): Via, From, To, Call-ID and CSeq as they came, byte for byte but unfolded; the top
 * Via says where the request really came from (RFC 3261 §18.2.1, RFC 3581 §4). What the request lacks is left out.
 * @param toTag put on a To without a tag; '' for none.
 */
export function writeResponse(request: SipRequest, answer: Answer, toTag: string, flow: Flow): Buffer {
  const { headers } = request;
  const body = answer.body !== undefined && answer.body.length > 0 ? answer.body : undefined;
  let head = `SIP/2.0 ${answer.status} ${encode(headerText(answer.reason ?? reasonPhrase(answer.status)))}\r\n`;
  const vias = wireValues(headers, 'via');
  for (const [index, via] of vias.entries()) {
    const top = index === 0 ? grantKeepAlives(stampVia(via, request.via, flow), request, answer.status, flow) : via;
    head += `Via: ${top}\r\n`;
  }
  const from = wireValues(headers, 'from')[0];
  if (from !== undefined) head += `From: ${from}\r\n`;
  const to = wireValues(headers, 'to')[0];
  if (to !== undefined) {
    head += request.to.params.has('tag') || toTag === '' ? `To: ${to}\r\n` : `To: ${to};tag=${headerText(toTag)}\r\n`;
  }
  const callId = wireValues(headers, 'call-id')[0];
  if (callId !== undefined) head += `Call-ID: ${callId}\r\n`;
  const cseq = wireValues(headers, 'cseq')[0];
  if (cseq !== undefined) head += `CSeq: ${cseq}\r\n`;
  for (const [name, value] of answer.headers ?? []) {
    if (!isToken(name)) throw new TypeError('a header field name is no token');
    head += `${name}: ${encode(headerText(value))}\r\n`;
  }
  if (body !== undefined && answer.contentType !== undefined)
    head += `Content-Type: ${encode(headerText(answer.contentType))}\r\n`;
  head += `Content-Length: ${body?.length ?? 0}\r\n\r\n`;
  return join(head, 'latin1', head.length, body);
}

/**
 * The bytes of a request of ours. Its `head` is taken as it is: whoever builds it passes foreign text through `headerText`.
 * @param viaLine `Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK…`, without line end.
 */
export function writeRequest(request: OutgoingRequest, viaLine: string): Buffer {
  const { method, uri, body } = request;
  if (!isToken(method) || uri === '' || UNFIT_FOR_START_LINE.test(uri))
    throw new TypeError('method or Request-URI is unfit to be sent');
  const head = `${method} ${uri} SIP/2.0\r\n${viaLine}\r\n${request.head}Content-Length: ${body?.length ?? 0}\r\n\r\n`;
  return join(head, 'utf8', Buffer.byteLength(head, 'utf8'), body);
}

function join(head: string, encoding: 'latin1' | 'utf8', length: number, body: Uint8Array | undefined): Buffer {
  if (body === undefined) return Buffer.from(head, encoding);
  const bytes = Buffer.allocUnsafe(length + body.length);
  bytes.write(head, 0, encoding);
  bytes.set(body, length);
  return bytes;
}
