import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Reading } from '#sip';
import { readWhole } from '../../../../services/sip/grammar/read-message.ts';
import { readPlain } from '../../../../services/sip/grammar/read-plain.ts';
import fc from '../../../support/properties.ts';
import { caseFile, wire } from './messages.ts';

const files = (folder: string, end: string): string[] =>
  readdirSync(new URL(`../../../cases/${folder}/`, import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(end))
    .map((path) => `${folder}/${path}`)
    .sort();

const CAPTURES = files('clients', '.txt').filter((path) => !path.endsWith('handshake.txt'));
const TORTURES = [...files('rfc4475', '.dat'), ...files('rfc5118', '.dat')];

const NAMES = ['via', 'event', 'accept', 'expires', 'user-agent', 'call-id', 'subject', 'supported', 'x-other'];

/** Everything that can be learnt of a reading, without the classes it is made of. */
function learnt(reading: Reading) {
  if (reading.kind !== 'request') return reading;
  const { headers, body, ...rest } = reading;
  const all = NAMES.map((name) => [headers.get(name), headers.all(name), headers.list(name)]);
  return { ...rest, headers: all, body: Buffer.from(body).toString('latin1') };
}

/** @returns whether it was read by the short way at all. */
function agree(bytes: Buffer): boolean {
  const plain = readPlain(bytes);
  if (plain !== undefined) expect(learnt(plain)).toEqual(learnt(readWhole(bytes)));
  return plain !== undefined;
}

describe('what is read by the short way is read as the whole grammar reads it', () => {
  it('RFC 4475, RFC 5118: torture messages', () => {
    expect(TORTURES.length).toBeGreaterThan(40);
    for (const path of TORTURES) agree(caseFile(path));
  });

  it('real clients: captured requests, and most of them go that way', () => {
    const requests = CAPTURES.map((path) => caseFile(path)).filter((bytes) => !bytes.toString().startsWith('SIP/'));
    const short = requests.filter(agree);
    expect(short.length).toBeGreaterThan(requests.length / 2);
  });

  const mostly = <T>(usual: readonly T[], odd: readonly T[]) =>
    fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...usual) }, fc.constantFrom(...odd));
  const token = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,12}$/);
  const word = fc.stringMatching(/^[A-Za-z0-9_]{1,8}$/);
  const odd = fc.oneof(
    { weight: 20, arbitrary: token },
    fc.string({ maxLength: 6 }),
    fc.constantFrom('', ' ', '"', '""', '"a b"', '"a\\"b"', '__proto__'),
  );
  const host = mostly(['192.0.2.7', 'example.com', 'Example.COM'], ['[2001:db8::1]', '-x', 'a_b', '']);
  const port = mostly(['', ':5060', ':40000'], [':70000', ':', ':0', ':00005060']);
  const uri = fc
    .tuple(
      mostly(['sip:', 'sips:'], ['SIP:', 'tel:', '']),
      odd,
      host,
      port,
      mostly(['', ';lr', ';transport=udp'], [';a=b;a=c', '?x=y']),
    )
    .map(([scheme, user, at, where, tail]) => `${scheme}${user}@${at}${where}${tail}`);
  const tail = fc
    .array(
      fc.tuple(
        fc.oneof(word, mostly(['tag', 'rport', 'received', 'q', '+sip.instance'], ['Tag', 'branch'])),
        fc.option(odd),
      ),
      { maxLength: 3 },
    )
    .map((params) => params.map(([name, value]) => (value === null ? `;${name}` : `;${name}=${value}`)).join(''));
  const nameAddr = fc
    .tuple(
      mostly(['', '"Alice" ', '"Alice"', 'Alice B '], ['Alice  B ', '"A, \\" b" ', '"Älice" ', 'a@ ', '"a']),
      uri,
      tail,
      fc.boolean(),
    )
    .map(([name, address, params, bracketed]) => (bracketed ? `${name}<${address}>${params}` : `${address}${params}`));
  const via = fc
    .tuple(
      mostly(['SIP/2.0/UDP', 'SIP/2.0/TCP'], ['sip/2.0/udp', 'SIP / 2.0 / UDP', 'SIP/2.0/TLS-X']),
      host,
      port,
      tail,
      mostly([''], [', SIP/2.0/UDP b']),
    )
    .map(([sent, by, where, params, more]) => `${sent} ${by}${where};branch=z9hG4bK1${params}${more}`);
  const credentials = fc
    .array(
      fc.tuple(
        mostly(['username', 'realm', 'nc', 'nonce', 'uri', 'response', 'qop'], ['scheme', 'URI', 'a b', '']),
        fc.oneof(
          odd,
          odd.map((value) => `"${value}"`),
        ),
      ),
      { minLength: 1, maxLength: 5 },
    )
    .chain((params) =>
      fc
        .tuple(mostly(['Digest '], ['digest ', 'Digest  ', 'Basic ', 'Digest']), mostly([',', ', '], [' , ']))
        .map(([scheme, comma]) => scheme + params.map(([name, value]) => `${name}=${value}`).join(comma)),
    );
  const field = fc.oneof(
    fc.tuple(fc.constantFrom('Contact', 'm', 'Route', 'Record-Route'), nameAddr),
    fc.tuple(fc.constantFrom('Authorization', 'authorization'), credentials),
    fc.tuple(fc.constantFrom('Via', 'v'), via),
    fc.tuple(
      fc.constantFrom(
        'Event',
        'o',
        'Accept',
        'Expires',
        'Subject',
        'X-Other',
        'Bad Name',
        'Max-Forwards',
        'Content-Length',
        'l',
        'Call-ID',
      ),
      fc.oneof(odd, fc.constantFrom('presence', '0', '70', '300', '2', '*')),
    ),
  );

  it('made-up requests, nearly right, with oddities in every place', () => {
    fc.assert(
      fc.property(
        via,
        nameAddr,
        nameAddr,
        mostly(
          ['1 SUBSCRIBE', '2147483647 SUBSCRIBE'],
          ['1 PUBLISH', 'x', '1  SUBSCRIBE', '-1 SUBSCRIBE', '99999999999 SUBSCRIBE'],
        ),
        uri,
        fc.array(field, { maxLength: 5 }),
        fc.constantFrom('', 'ab', 'abc\r\n\r\n'),
        (top, from, to, cseq, target, fields, body) => {
          const more = fields.map(([name, value]) => `${name}: ${value}`);
          const head = wire(
            { Via: top, From: from, To: to, CSeq: cseq, 'Content-Length': undefined },
            more,
            `SUBSCRIBE ${target} SIP/2.0`,
          );
          agree(Buffer.concat([head, Buffer.from(body)]));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('made-up requests that are right but for one place', () => {
    let short = 0;
    const choice = fc.oneof(
      via.map((Via) => ({ Via })),
      nameAddr.map((From) => ({ From })),
      nameAddr.map((To) => ({ To })),
      credentials.map((Authorization) => ({ Authorization })),
      nameAddr.map((Contact) => ({ Contact })),
      field.map(([name, value]) => ({ [name]: value })),
    );
    fc.assert(
      fc.property(choice, (changes) => {
        if (agree(wire(changes))) short += 1;
      }),
      { numRuns: 3000 },
    );
    expect(short).toBeGreaterThan(300);
  });

  it('RFC 3261 §7.3: a lone CR, LF or NUL, a folded line and a name without blank behind its colon are left to the whole grammar', () => {
    for (const value of ['a\rb', 'a\nb', 'a\0b', 'a\r\n b', 'é', 'a\tb'])
      expect(readPlain(wire({ Subject: value }))).toBeUndefined();
    expect(readPlain(wire())).toBeDefined();
  });
});
