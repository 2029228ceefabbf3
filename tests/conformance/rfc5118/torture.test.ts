import { describe, expect, it } from 'vitest';
import { readMessage, readUri, type SipRequest, writeResponse } from '#sip';
import manifest from '../../cases/rfc5118/manifest.json' with { type: 'json' };
import { caseFile, FLOW, readMalformed, readRequest, readResponse } from '../../unit/sip/grammar/messages.ts';

const read = (name: string): SipRequest => readRequest(caseFile(`rfc5118/${name}.dat`));

describe('RFC 5118: IPv6 in SIP', () => {
  for (const { name, section, cls } of manifest) {
    it(`RFC 5118 §${section}: ${name} is ${cls === 'reject' ? 'refused' : 'read'}`, () => {
      expect(readMessage(caseFile(`rfc5118/${name}.dat`)).kind).toBe(cls === 'reject' ? 'malformed' : 'request');
    });
  }

  it('RFC 5118 §4.1: hosts come without brackets', () => {
    const request = read('ipv6-good');
    expect(readUri(request.uri)).toMatchObject({ user: '', host: '2001:db8::10', port: undefined });
    expect(request.via).toEqual([
      { transport: 'UDP', host: '2001:db8::9:1', port: undefined, params: new Map([['branch', 'z9hG4bKas3-111']]) },
    ]);
    expect(request.contact[0]).toMatchObject({ displayName: 'Caller', uri: 'sip:caller@[2001:db8::1]' });
  });

  it('RFC 5118 §4.2: an address without brackets is answered 400', () => {
    const { status, why, request } = readMalformed(caseFile('rfc5118/ipv6-bad.dat'));
    expect({ status, why, via: request?.via[0]?.host }).toEqual({
      status: 400,
      why: 'Malformed Request-URI',
      via: '2001:db8::9:1',
    });
  });

  it('RFC 5118 §4.3, §4.4: a port is what follows the bracket', () => {
    expect(readUri(read('port-ambiguous').uri)).toMatchObject({ host: '2001:db8::10:5070', port: undefined });
    expect(readUri(read('port-unambiguous').uri)).toMatchObject({ host: '2001:db8::10', port: 5070 });
  });

  it('RFC 5118 §4.5: received is read with brackets and without', () => {
    expect(read('via-received-param-with-delim').via[0]?.params.get('received')).toBe('2001:db8::9:255');
    expect(read('via-received-param-no-delim').via[0]?.params.get('received')).toBe('2001:db8::9:255');
    expect(read('via-received-param-no-delim').via[0]?.params.get('branch')).toBe('z9hG4bKas3');
  });

  it('RFC 5118 §4.7: Vias of both families go back in order', () => {
    const request = read('mult-ip-in-header');
    expect(request.via.map(({ host, port }) => [host, port])).toEqual([
      ['2001:db8::9:1', 6050],
      ['192.0.2.1', undefined],
      ['2001:db8::9:255', undefined],
    ]);
    const flow = { ...FLOW, address: '2001:db8::9:1', port: 6050 };
    const answer = readResponse(writeResponse(request, { status: 481 }, '', flow));
    expect(answer.headers.all('Via')).toEqual(request.headers.all('Via'));
  });

  it('RFC 5118 §4.9: an IPv4 address mapped into IPv6', () => {
    const request = read('ipv4-mapped-ipv6');
    expect(request.via.map(({ host, port }) => [host, port])).toEqual([
      ['::ffff:192.0.2.10', 19_823],
      ['::ffff:192.0.2.2', undefined],
    ]);
    expect(readUri(request.contact[0]?.uri ?? '')).toMatchObject({ user: 'ted', host: '::ffff:192.0.2.2' });
  });

  it('RFC 5118 §4.10: three colons are borne', () => {
    expect(readUri(read('ipv6-bug-abnf-3-colons').uri)?.host).toBe('2001:db8:::192.0.2.1');
  });
});
