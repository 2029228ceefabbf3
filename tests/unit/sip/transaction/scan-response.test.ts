import { describe, expect, test } from 'vitest';
import { readMessage } from '#sip';
import { readLater, scanResponse } from '../../../../services/sip/transaction/scan-response.ts';
import fc from '../../../support/properties.ts';

/** As baresip 1.0.0 and pjsua 2.12 were seen to answer a NOTIFY. */
const BARESIP = [
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc_-DEF;rport=5060;received=192.0.2.1',
  'From: <sip:bob@example.test>;tag=ours',
  'To: <sip:alice@example.test>;tag=5916d7f84d3b0b8b',
  'Call-ID: 77111369252fb0b8',
  'CSeq: 12 NOTIFY',
  'Server: baresip v1.0.0 (x86_64/linux)',
  'Content-Length: 0',
];
const PJSUA = [
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/UDP 192.0.2.1:5060;received=192.0.2.1;branch=z9hG4bKabc_-DEF',
  'Call-ID: 8072f947-c1e5-4626-a007-88cdc164eb17',
  'From: <sip:bob@example.test>;tag=ours',
  'To: <sip:alice@example.test>;tag=fa211835',
  'CSeq: 12 NOTIFY',
  'Contact: <sip:alice@192.0.2.20:5080;ob>',
  'Supported: replaces, 100rel, timer, norefersub, trickle-ice',
  'Content-Length:  0',
];
const bytesOf = (lines: readonly string[], body = ''): Buffer =>
  Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
const SCANNED = { branch: 'z9hG4bKabc_-DEF', sentBy: '192.0.2.1:5060', method: 'NOTIFY', seq: 12 };
const with_ = (line: string) => [...BARESIP.slice(0, -1), line, 'Content-Length: 0'];

describe('a plain 200', () => {
  test.each([
    ['baresip', BARESIP],
    ['pjsua', PJSUA],
    ['without Content-Length', BARESIP.slice(0, -1)],
  ])('of %s is picked out', (_, lines) => expect(scanResponse(bytesOf(lines))).toEqual(SCANNED));

  test('with an IPv6 sent-by', () => {
    const lines = BARESIP.map((line) => line.replace('UDP 192.0.2.1', 'UDP [2001:DB8::1]'));
    expect(scanResponse(bytesOf(lines))?.sentBy).toBe('[2001:db8::1]:5060');
  });

  test('is read in full when asked for more', () => {
    const bytes = bytesOf(PJSUA);
    const late = readLater(bytes, SCANNED);
    const read = readMessage(bytes);
    if (read.kind !== 'response') throw new Error('no response');
    expect(late.status).toBe(200);
    expect(late.callId).toBe(read.callId);
    expect(late.via).toEqual(read.via);
    expect(late.from).toEqual(read.from);
    expect(late.to).toEqual(read.to);
    expect(late.reason).toBe('OK');
    expect(late.cseq).toEqual(read.cseq);
    expect(late.headers.list('Supported')).toEqual(read.headers.list('Supported'));
    expect(late.body).toEqual(read.body);
  });

  test('whose rest the grammar refuses has an empty rest', () => {
    const late = readLater(Buffer.from('SIP/2.0 200 OK\r\n\r\n'), SCANNED);
    expect([late.callId, late.via, late.headers.get('Event'), late.from.uri]).toEqual(['', [], undefined, '']);
  });
});

test.each<[string, readonly string[], string?]>([
  ['another status', BARESIP.map((line) => line.replace('200 OK', '202 Accepted'))],
  ['a request', ['NOTIFY sip:a@b SIP/2.0', ...BARESIP.slice(1)]],
  ['a second Via', with_('Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKx')],
  ['a second Via in short', with_('v: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKx')],
  ['two Vias in one line', BARESIP.map((line) => line.replace('received=192.0.2.1', 'x, SIP/2.0/UDP 192.0.2.9'))],
  ['a folded line', with_('Server: a\r\n b')],
  ['a line folded by a tab', with_('Server: a\r\n\tb')],
  ['a Via that comes later', [BARESIP[0] as string, BARESIP[2] as string, BARESIP[1] as string, ...BARESIP.slice(3)]],
  ['a Via without branch', BARESIP.map((line) => line.replace('branch=', 'b='))],
  ['no CSeq', BARESIP.filter((line) => !line.startsWith('CSeq'))],
  ['a body that is announced', BARESIP.map((line) => line.replace('Content-Length: 0', 'Content-Length: 4')), 'body'],
  ['a body that is announced and missing', BARESIP.map((line) => line.replace('Length: 0', 'Length: 4'))],
  ['a body announced in short', BARESIP.map((line) => line.replace('Content-Length: 0', 'l: 4')), 'body'],
  ['bytes behind the head', BARESIP, 'x'],
])('%s is left to the grammar', (_, lines, body) => expect(scanResponse(bytesOf(lines, body))).toBeUndefined());

test('RFC 3261 §17.1.3: what is picked out is what the grammar reads, in whatever order and dress the lines come', () => {
  const [start = '', ...rest] = PJSUA;
  const dress = fc.constantFrom(
    (line: string) => line,
    (line: string) => line.toLowerCase(),
    (line: string) => line.replace(': ', ':'),
    (line: string) => line.replace(': ', ' : '),
    (line: string) => `${line} `,
  );
  const lines = fc
    .shuffledSubarray(rest, { minLength: rest.length - 2 })
    .chain((some) => fc.tuple(...some.map((line) => dress.map((change) => change(line)))));
  fc.assert(
    fc.property(lines, (some) => {
      const bytes = bytesOf([start, ...some]);
      const scanned = scanResponse(bytes);
      const read = readMessage(bytes);
      if (scanned === undefined || read.kind !== 'response') return;
      const [via] = read.via;
      expect(scanned).toEqual({
        branch: via?.params.get('branch'),
        sentBy: `${via?.host}:${via?.port}`,
        method: read.cseq.method,
        seq: read.cseq.seq,
      });
    }),
  );
});
