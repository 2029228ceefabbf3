import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAor } from '#model';
import { readMessage, readNameAddr, readUri, writeResponse } from '#sip';
import { FLOW } from '../unit/sip/grammar/messages.ts';
import { forAll, inTime, TIMEOUT_MS } from './budget.ts';
import { LINES, mutated } from './mutate.ts';
import { MESSAGES, URIS } from './seeds.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A request on its way through: what was read, written as an answer, reads as that answer. */
function readAndAnswer(bytes: Buffer): void {
  const reading = readMessage(bytes);
  if (reading.kind === 'response') return;
  if (reading.kind === 'malformed') expect([400, 413, 414, 505, 513]).toContain(reading.status);
  const request = reading.kind === 'request' ? reading : reading.request;
  if (request === undefined) return;
  const answer = writeResponse(request, { status: 400 }, 'tag', FLOW);
  const back = readMessage(answer);
  if (reading.kind === 'request') expect(back).toMatchObject({ kind: 'response', status: 400 });
  if (reading.kind !== 'request' || back.kind !== 'response') return;
  expect(back.callId).toBe(reading.callId);
  expect(back.cseq).toEqual(reading.cseq);
  expect(back.via.map(({ host, port }) => [host, port])).toEqual(reading.via.map(({ host, port }) => [host, port]));
  // Reading is a function of the bytes alone.
  expect(readMessage(bytes).kind).toBe(reading.kind);
}

describe('messages', { timeout: TIMEOUT_MS }, () => {
  it('torture messages and those of clients, with lines and bytes exchanged: read or refused, soon, and never a crash', () => {
    forAll(mutated(MESSAGES, LINES), (text) => inTime(() => readAndAnswer(bytesOf(text))));
  });

  it('any bytes', () => {
    forAll(fc.uint8Array({ maxLength: 2_000 }), (bytes) => inTime(() => readAndAnswer(Buffer.from(bytes))));
  });
});

describe('URIs', { timeout: TIMEOUT_MS }, () => {
  it('mutated: taken apart or refused; what can be told again reads back as the same', () => {
    forAll(mutated(URIS, /(?=[;:@?=&])/), (text) => {
      inTime(() => {
        const uri = readUri(text);
        readNameAddr(text);
        readNameAddr(`"x" <${text}>;tag=1`);
        if (uri === undefined) return;
        expect(uri.host).not.toBe('');
        expect(readUri(text)).toEqual(uri);
      });
    });
  });

  it('an address-of-record is canonical: read again it is itself', () => {
    forAll(mutated(URIS, /(?=[;:@?=&])/), (text) => {
      const aor = inTime(() => readAor(text));
      if (aor === undefined) return;
      expect(readAor(aor)).toBe(aor);
      expect(aor).toMatch(/^sip:[^\s@]+@(\[[\d:.a-f]+\]|[^\s@:;?]+)$/);
    });
  });
});
