import { readFileSync } from 'node:fs';
import { type Flow, type Malformed, readMessage, type SipRequest, type SipResponse } from '#sip';

/** A flow from 192.0.2.7:50601 over UDP. */
export const FLOW: Flow = { transport: 'udp', via: 'udp:0.0.0.0:5060', address: '192.0.2.7', port: 50_601 };

const BASE: Readonly<Record<string, string>> = {
  Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1',
  From: '<sip:alice@example.com>;tag=a',
  To: '<sip:bob@example.com>',
  'Call-ID': 'c1@192.0.2.1',
  CSeq: '1 SUBSCRIBE',
  'Max-Forwards': '70',
  'Content-Length': '0',
};

/**
 * A SUBSCRIBE with some fields changed; undefined leaves one out.
 * @param more rows put behind, as they are.
 */
export function wire(
  changes: Readonly<Record<string, string | undefined>> = {},
  more: readonly string[] = [],
  startLine = 'SUBSCRIBE sip:bob@example.com SIP/2.0',
): Buffer {
  const rows = Object.entries({ ...BASE, ...changes }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return Buffer.from([startLine, ...rows, ...more, '', ''].join('\r\n'), 'utf8');
}

export function readRequest(bytes: Uint8Array): SipRequest {
  const reading = readMessage(bytes);
  if (reading.kind !== 'request') throw new Error(`not a request: ${JSON.stringify(reading)}`);
  return reading;
}

export function readResponse(bytes: Uint8Array): SipResponse {
  const reading = readMessage(bytes);
  if (reading.kind !== 'response') throw new Error(`not a response: ${JSON.stringify(reading)}`);
  return reading;
}

export function readMalformed(bytes: Uint8Array): Malformed {
  const reading = readMessage(bytes);
  if (reading.kind !== 'malformed') throw new Error(`read without complaint: ${bytes}`);
  return reading;
}

/** Bytes of a file in tests/cases. */
export function caseFile(path: string): Buffer {
  return readFileSync(new URL(`../../../cases/${path}`, import.meta.url));
}
