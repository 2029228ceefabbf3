import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Framing, makeFraming, type Piece } from '../../../../services/sip/transport/framing.ts';
import fc from '../../../support/properties.ts';

const LIMITS = { head: 4_096, body: 8_192 };
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Pieces as text: the message, `ping`, or the fault's status. */
const told = (piece: Piece): string => {
  switch (piece.kind) {
    case 'message':
      return Buffer.from(piece.bytes).toString('latin1');
    case 'ping':
      return 'ping';
    case 'fault':
      return `${piece.fault.status} ${piece.fault.why}`;
  }
};
const pushed = (framing: Framing, ...segments: readonly string[]): string[] =>
  segments.flatMap((segment) => framing.push(bytes(segment)).map(told));
const framed = (...segments: readonly string[]): string[] => pushed(makeFraming(LIMITS), ...segments);

const message = (body = '', header = 'Content-Length', start = 'OPTIONS sip:a@b SIP/2.0'): string =>
  `${start}\r\nVia: SIP/2.0/TCP h\r\n${header}${header.includes(':') ? '' : ':'} ${Buffer.byteLength(body, 'latin1')}\r\nX: y\r\n\r\n${body}`;

describe('RFC 3261 §18.3: messages on a stream end where Content-Length says', () => {
  const bodies = fc.string({ unit: fc.constantFrom('\r', '\n', ':', 'a', ' ', '\xff', 'Content-Length: 3\r\n\r\n') });
  const header = fc.constantFrom(
    'Content-Length',
    'content-length',
    'CONTENT-LENGTH',
    'l',
    'L',
    'l \t',
    'Content-Length:\r\n',
  );
  const spaced = fc.constantFrom('', '\r\n', '\n', '\r\n\r\n\r\n', '\r');
  const sequence = fc.array(fc.record({ body: bodies, header, before: spaced }), { minLength: 1, maxLength: 6 });

  test('any sequence of messages, split and joined at any bytes, gives the same messages', () => {
    fc.assert(
      fc.property(sequence, fc.array(fc.nat(), { maxLength: 40 }), (parts, cuts) => {
        const messages = parts.map(({ body, header: name }) => message(body, name));
        const stream = bytes(parts.map(({ before }, index) => before + messages[index]).join(''));
        const at = [...new Set([0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length])].sort(
          (a, b) => a - b,
        );
        const framing = makeFraming(LIMITS);
        const pieces = at.flatMap((from, index) => framing.push(stream.subarray(from, at[index + 1])));
        expect(pieces.map(told).filter((piece) => piece !== 'ping')).toEqual(messages);
        expect(framing.held).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  test('what pjsua says over a connection, in segments of any size', () => {
    const folder = new URL('../../../cases/clients/pjsua/tcp/', import.meta.url);
    const said = readdirSync(folder)
      .sort()
      .map((name) => readFileSync(new URL(name, folder), 'latin1'));
    expect(said.length).toBeGreaterThan(10);
    for (const size of [1, 7, 536, 1_460, 65_536]) {
      const stream = said.join('');
      const segments = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
        stream.slice(index * size, (index + 1) * size),
      );
      expect(framed(...segments)).toEqual(said);
    }
  });

  test('byte by byte', () => {
    const stream = message('one') + message() + message('\r\n\r\n');
    expect(framed(...stream)).toEqual([message('one'), message(), message('\r\n\r\n')]);
  });

  test('what has begun is held, and nothing else', () => {
    const framing = makeFraming(LIMITS);
    expect(pushed(framing, message('one') + message('two').slice(0, 30))).toEqual([message('one')]);
    expect(framing.held).toBe(30);
    expect(pushed(framing, message('two').slice(30))).toEqual([message('two')]);
    expect(framing.held).toBe(0);
  });

  test('a message has memory of its own: neither the segment nor the next message changes it', () => {
    const framing = makeFraming(LIMITS);
    const segment = bytes(message('one') + message('two'));
    const [first] = framing.push(segment);
    segment.fill(0);
    expect(told(first as Piece)).toBe(message('one'));
    expect((first as { bytes: Uint8Array }).bytes.buffer.byteLength).toBe(message('one').length);
  });
});

describe('RFC 3261 §18.3, §20.14: where the end of a message is unknown, the stream is given up', () => {
  const start = 'OPTIONS sip:a@b SIP/2.0\r\n';
  test.each([
    ['none', '', '400 Missing Content-Length'],
    ['a negative one', 'Content-Length: -999\r\n', '400 Malformed Content-Length'],
    ['one that is no number', 'Content-Length: ten\r\n', '400 Malformed Content-Length'],
    ['an empty one', 'Content-Length:\r\n', '400 Malformed Content-Length'],
    ['a list', 'Content-Length: 0, 0\r\n', '400 Malformed Content-Length'],
    ['two', 'Content-Length: 0\r\nl: 5\r\n', '400 Header Field Occurs Twice'],
    ['one that is too large', 'Content-Length: 8193\r\n', '413 Body Too Large'],
    ['one beyond all numbers', `Content-Length: ${'9'.repeat(400)}\r\n`, '413 Body Too Large'],
    ['one behind a bare LF', 'Subject: x\nContent-Length: 0\r\n', '400 Missing Content-Length'],
    ['a longer name alone', 'Content-Length-Of: 0\r\nLanguage: 0\r\n', '400 Missing Content-Length'],
  ])('Content-Length: %s', (_, fields, why) => {
    expect(framed(`${start}Via: x\r\n${fields}\r\n`)).toEqual([why]);
  });

  test('what the refusal needs is handed over: the whole head', () => {
    const head = `${start}Via: SIP/2.0/TCP h\r\n\r\n`;
    const [piece] = makeFraming(LIMITS).push(bytes(`${head}behind`));
    expect(piece?.kind === 'fault' && Buffer.from(piece.bytes).toString()).toBe(head);
  });

  test('nothing comes after a fault, not even what looks whole', () => {
    const framing = makeFraming(LIMITS);
    expect(pushed(framing, `${message()}${start}\r\n${message()}`, message())).toEqual([
      message(),
      '400 Missing Content-Length',
    ]);
    expect(framing.held).toBe(0);
  });

  test('a head without end is refused at the limit, however it comes', () => {
    const endless = `${start}${'X: y\r\n'.repeat(1_000)}`;
    expect(framed(endless)).toEqual(['513 Header Too Long']);
    expect(framed(...endless)).toEqual(['513 Header Too Long']);
    const fits = `${start}Content-Length: 0\r\nX: `.padEnd(LIMITS.head, 'y');
    expect(framed(`${fits}\r\n\r\n`)).toHaveLength(1);
    expect(framed(`${fits}\r\n\r\n`)[0]).not.toMatch(/^513/);
    expect(framed(`${fits}y\r\n\r\n`)).toEqual(['513 Header Too Long']);
  });

  test.each([
    ['TLS', '\x16\x03\x01\x02\x00'],
    ['STUN', '\0\x01\0\0\x21\x12\xa4\x42'],
    ['a blank', ' OPTIONS'],
  ])('%s is seen by its first byte', (_, text) => expect(framed(text)).toEqual(['400 Not SIP']));

  test('a segment of 11,000 heads that are none, and a hundred thousand segments of one byte, take no time', () => {
    expect(framed('x\r\n\r\n'.repeat(11_000))).toEqual(['400 Missing Content-Length']);
    const framing = makeFraming({ head: 65_535, body: 262_144 });
    const long = message('b'.repeat(100_000));
    let pieces = 0;
    for (const octet of bytes(long)) pieces += framing.push(Uint8Array.of(octet)).length;
    expect(pieces).toBe(1);
  });

  test('eleven thousand messages in one segment', () => {
    const pieces = framed(message().repeat(11_000));
    expect(pieces).toHaveLength(11_000);
    expect(new Set(pieces)).toEqual(new Set([message()]));
  });
});

describe('RFC 5626 §3.5.1, §4.4.1: keep-alives', () => {
  test('a double CRLF between messages is a ping, a single one is nothing', () => {
    expect(framed('\r\n\r\n')).toEqual(['ping']);
    expect(framed('\r\n')).toEqual([]);
    expect(framed(`${message()}\r\n\r\n${message()}`)).toEqual([message(), 'ping', message()]);
    expect(framed(`\r\n${message()}\r\n${message()}`)).toEqual([message(), message()]);
  });
  test('split at any byte it is one all the same', () => {
    expect(framed('\r', '\n\r', '\n')).toEqual(['ping']);
    expect(framed('\r\n', '\r\n', '\r\n', '\r\n')).toEqual(['ping', 'ping']);
  });
  test('two single ones around a message are none', () => expect(framed(`\r\n${message()}\r\n`)).toEqual([message()]));
  test('line ends inside a body are its own', () => {
    expect(framed(message('\r\n\r\n\r\n\r\n'))).toEqual([message('\r\n\r\n\r\n\r\n')]);
  });
});
