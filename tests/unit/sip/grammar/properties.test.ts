import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  quote,
  readAccept,
  readEvent,
  readMediaType,
  readMessage,
  readNameAddr,
  readNumber,
  readParams,
  readUri,
  type SipRequest,
  writeRequest,
  writeResponse,
} from '#sip';
import fc from '../../../support/properties.ts';
import { caseFile, FLOW, readRequest, readResponse, wire } from './messages.ts';

const files = (folder: string, end: string): Buffer[] =>
  readdirSync(new URL(`../../../cases/${folder}/`, import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(end))
    .map((path) => caseFile(`${folder}/${path}`));

const SEEDS = [...files('clients', '.txt'), ...files('rfc4475', '.dat'), ...files('rfc5118', '.dat')];
/** Bits of which trouble is made. */
const SPICE = [
  '\r\n',
  '\r\n ',
  '\n',
  '\0',
  '"',
  '\\"',
  '<',
  '>',
  ',',
  ';',
  '=',
  ':',
  '[',
  ']',
  '::',
  '%00',
  ' ',
  '\t',
  '\xa0',
  '\xff',
  '__proto__',
  'SIP/2.0',
  'é',
];

/** A captured or tortured message with some places cut, doubled or spiced. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SEEDS),
    fc.array(fc.tuple(fc.nat(1500), fc.nat(12), fc.oneof(fc.constantFrom(...SPICE), fc.string({ maxLength: 4 }))), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([seed, edits]) =>
    edits.reduce<Buffer>((bytes, [at, cut, spice]) => {
      const from = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, from), Buffer.from(spice, 'latin1'), bytes.subarray(from + cut)]);
    }, seed),
  );

/** Reads, answers what can be answered, and reads the answer again. */
function survive(bytes: Uint8Array): void {
  const reading = readMessage(bytes);
  const request = reading.kind === 'malformed' ? reading.request : reading.kind === 'request' ? reading : undefined;
  if (reading.kind === 'malformed') expect(reading.status).toBeGreaterThanOrEqual(400);
  if (request === undefined) return;
  expect(request.via.length).toBeGreaterThan(0);
  const answer = writeResponse(request, { status: reading.kind === 'malformed' ? reading.status : 200 }, 'tag', FLOW);
  const back = readMessage(answer);
  // The answer to what was read whole is whole; nothing the sender wrote adds a line to it.
  if (reading.kind === 'request') expect(back.kind).toBe('response');
  const rows =
    request.headers.all('via').length +
    ['from', 'to', 'call-id', 'cseq'].filter((name) => request.headers.get(name) !== undefined).length;
  expect(answer.toString('latin1').split('\r\n')).toHaveLength(1 + rows + 1 + 2);
}

describe('readMessage is total', () => {
  it('for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => survive(bytes)),
      { numRuns: 500 },
    );
  });

  it('for any bytes behind a start line', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) =>
        survive(
          Buffer.concat([Buffer.from('OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a;'), bytes, Buffer.from('\r\n\r\n')]),
        ),
      ),
      { numRuns: 500 },
    );
  });

  it('for captured and torture messages with pieces cut out and put in', () => {
    fc.assert(fc.property(mutated, survive), { numRuns: 2000 });
  });

  it('for any text where a value is expected', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...SPICE, 'a', '1', 'sip:') }));
    fc.assert(
      fc.property(text, (value) => {
        readUri(value);
        readNameAddr(value);
        readParams(value);
        readMediaType(value);
        readAccept([value]);
        readEvent(value);
        const number = readNumber(value, 7);
        expect(number === undefined || (number >= 0 && number <= 7)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('time grows with the length and no faster', () => {
  /** 60 KiB in rows as long as one may be, each of a kind that sends a careless pattern back and forth. */
  const rowsOf = (name: string, beginning: string, piece: string): Buffer =>
    wire(
      {},
      Array.from({ length: 7 }, () => `${name}: ${beginning}${piece.repeat(Math.floor(8000 / piece.length))}`),
    );
  const HARD = [
    '<',
    '>',
    '"',
    '\\"',
    '" ',
    ' ',
    'a ',
    ' \t',
    ';',
    ';a="',
    ';a="\\',
    ',',
    '=',
    '[',
    '[::1',
    '\r\n ',
    '(',
    'a=b,',
    'SIP/2.0/UDP a,',
  ];

  it.each([
    ['Via', ''],
    ['Via', 'SIP/2.0/UDP a;'],
    ['Contact', ''],
    ['Contact', 'sip:a@b;'],
    ['Authorization', 'Digest '],
    ['Authorization', 'Digest a='],
    ['Accept', ''],
  ])('%s: %s…', (name, beginning) => {
    for (const piece of HARD) {
      const bytes = rowsOf(name, beginning, piece);
      const startedAt = process.cpuUsage().user;
      survive(bytes);
      // Quadratic time would be seconds here, linear is a few milliseconds.
      expect(process.cpuUsage().user - startedAt).toBeLessThan(1_000_000);
    }
  });
});

describe('what is written reads back', () => {
  const token = fc.string({ unit: fc.constantFrom(..."abcXYZ019-.!%*_+`'~"), minLength: 1, maxLength: 12 });
  /** Control characters, one by one, become blanks before a text is compared: so they are left out of it. */
  const word = fc.string({ unit: 'grapheme', maxLength: 20 });

  it('a display name and parameters, whatever they say', () => {
    fc.assert(
      fc.property(word, token, word, (name, tag, value) => {
        const from = `${quote(name)} <sip:a@example.com>;tag=${tag};x=${quote(value)}`;
        const read = readRequest(wire({ From: from })).from;
        expect(read).toEqual({
          displayName: name,
          uri: 'sip:a@example.com',
          params: new Map([
            ['tag', tag],
            ['x', value],
          ]),
        });
      }),
    );
  });

  it('a request of ours, with any body', () => {
    fc.assert(
      fc.property(token, fc.uint8Array(), fc.nat(2 ** 31 - 1), (method, body, seq) => {
        const head = `From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: ${seq} ${method}\r\n`;
        const bytes = writeRequest({ method, uri: 'sip:c@d', head, body }, 'Via: SIP/2.0/UDP e;branch=z9hG4bK1');
        const read = readRequest(bytes);
        expect(read).toMatchObject({ method, cseq: { seq, method } });
        expect(Buffer.from(read.body)).toEqual(Buffer.from(body));
      }),
    );
  });

  it('an answer, with any header text and any body', () => {
    const request: SipRequest = readRequest(wire());
    fc.assert(
      fc.property(word, fc.uint8Array(), fc.integer({ min: 100, max: 699 }), (text, body, status) => {
        const answer = { status, headers: [['Warning', text]] as const, body, contentType: 'a/b' };
        const read = readResponse(writeResponse(request, answer, 't', FLOW));
        expect(read.status).toBe(status);
        expect(read.headers.get('Warning')).toBe(text.replace(/^ +| +$/g, ''));
        expect(Buffer.from(read.body)).toEqual(Buffer.from(body));
      }),
    );
  });
});
