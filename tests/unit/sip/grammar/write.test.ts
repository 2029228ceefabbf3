import { describe, expect, it } from 'vitest';
import { type Flow, type SipRequest, writeRequest, writeResponse } from '#sip';
import { FLOW, readMalformed, readRequest, readResponse, wire } from './messages.ts';

function topVia(via: string, flow: Flow = FLOW): string | undefined {
  const text = writeResponse(readRequest(wire({ Via: via })), { status: 200 }, 't', flow).toString('latin1');
  return /^Via: (.*)\r$/m.exec(text)?.[1];
}

describe('writeResponse', () => {
  it('RFC 3261 §8.2.6: Via, From, To, Call-ID and CSeq as they came, To with our tag, the length in bytes', () => {
    const request = readRequest(wire({ From: '"Zoë"  <sip:alice@example.com>;tag=a', CSeq: '0001   SUBSCRIBE' }));
    const answer = {
      status: 200,
      headers: [
        ['Expires', '600'],
        ['Contact', '<sip:192.0.2.9>'],
      ],
      body: Buffer.from('grüß'),
      contentType: 'text/plain',
    } as const;
    expect(String(writeResponse(request, answer, 'ours', { ...FLOW, address: '192.0.2.1' }))).toBe(
      [
        'SIP/2.0 200 OK',
        'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1',
        'From: "Zoë"  <sip:alice@example.com>;tag=a',
        'To: <sip:bob@example.com>;tag=ours',
        'Call-ID: c1@192.0.2.1',
        'CSeq: 0001   SUBSCRIBE',
        'Expires: 600',
        'Contact: <sip:192.0.2.9>',
        'Content-Type: text/plain',
        'Content-Length: 6',
        '',
        'grüß',
      ].join('\r\n'),
    );
  });

  it('bytes that are no UTF-8 go back as they came', () => {
    const latin1 = Buffer.from(String(wire({ From: '"Zoë" <sip:alice@example.com>;tag=a' })), 'latin1');
    expect(
      writeResponse(readRequest(latin1), { status: 200 }, 't', FLOW).includes(Buffer.from('"Zo\xeb"', 'latin1')),
    ).toBe(true);
  });

  it('RFC 3261 §8.2.6.2: a To with a tag keeps it', () => {
    const request = readRequest(wire({ To: '<sip:bob@example.com>;tag=theirs' }));
    const answer = readResponse(writeResponse(request, { status: 200 }, 'ours', FLOW));
    expect(answer.headers.get('To')).toBe('<sip:bob@example.com>;tag=theirs');
  });

  it('RFC 3261 §12.1.1: Record-Route goes back only when the answer says so', () => {
    const request = readRequest(wire({}, ['Record-Route: <sip:p.example.com;lr>']));
    expect(String(writeResponse(request, { status: 401 }, 't', FLOW))).not.toContain('Record-Route');
  });

  it('RFC 3261 §18.2.1: received says where the request came from, when its sent-by says otherwise', () => {
    expect(topVia('SIP/2.0/UDP host.example.com;branch=z9hG4bK1')).toBe(
      'SIP/2.0/UDP host.example.com;branch=z9hG4bK1;received=192.0.2.7',
    );
    expect(topVia('SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1')).toBe('SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1');
    expect(topVia('SIP/2.0/UDP [2001:DB8::1];branch=z9hG4bK1', { ...FLOW, address: '2001:db8::1' })).toBe(
      'SIP/2.0/UDP [2001:DB8::1];branch=z9hG4bK1',
    );
  });

  it('RFC 4007: the zone of a link-local address stays at home', () => {
    const request = readRequest(wire());
    const flow: Flow = { ...FLOW, address: 'fe80::7%eth0' };
    expect(String(writeResponse(request, { status: 200 }, 't', flow))).toMatch(/;received=fe80::7\r\n/);
  });

  it('RFC 3581 §4: rport, when asked for, says the port, and received comes with it', () => {
    expect(topVia('SIP/2.0/UDP 192.0.2.7:5060;rport;branch=z9hG4bK1')).toBe(
      'SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1;rport=50601;received=192.0.2.7',
    );
    expect(topVia('SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1 ;  rport', { ...FLOW, address: '2001:db8::1' })).toBe(
      'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1 ;rport=50601;received=2001:db8::1',
    );
  });

  it('a received or rport of the sender’s own does not stand', () => {
    expect(topVia('SIP/2.0/UDP 192.0.2.1;received=203.0.113.9;rport=9;branch=z9hG4bK1')).toBe(
      'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;rport=50601;received=192.0.2.7',
    );
    expect(topVia('SIP/2.0/UDP 192.0.2.7;received=203.0.113.9;branch=z9hG4bK1')).toBe(
      'SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1',
    );
  });

  it('only the top Via changes, in one row or in many', () => {
    const two = 'SIP/2.0/UDP a.example.com;branch=1 , SIP/2.0/UDP b.example.com;rport;branch=2';
    expect(topVia(two)).toBe(
      'SIP/2.0/UDP a.example.com;branch=1 ;received=192.0.2.7, SIP/2.0/UDP b.example.com;rport;branch=2',
    );
    const quoted = 'SIP/2.0/UDP a.example.com:5060;x=";rport, ";branch=1, SIP/2.0/UDP [::1];y="é"';
    expect(Buffer.from(topVia(quoted) ?? '', 'latin1').toString()).toBe(
      'SIP/2.0/UDP a.example.com:5060;x=";rport, ";branch=1;received=192.0.2.7, SIP/2.0/UDP [::1];y="é"',
    );
  });

  it('no header of ours can be broken in two', () => {
    const text = String(
      writeResponse(
        readRequest(wire()),
        {
          status: 400,
          reason: 'Bad\r\nX: 1',
          headers: [['Warning', 'a\r\nY: 2']],
          contentType: 'a\nb',
          body: Buffer.from('x'),
        },
        't\r\nZ: 3',
        FLOW,
      ),
    );
    expect(text.split('\r\n').map((line) => line.split(':')[0])).toEqual([
      'SIP/2.0 400 Bad X',
      'Via',
      'From',
      'To',
      'Call-ID',
      'CSeq',
      'Warning',
      'Content-Type',
      'Content-Length',
      '',
      'x',
    ]);
    expect(() => writeResponse(readRequest(wire()), { status: 200, headers: [['A\r\nB', '1']] }, 't', FLOW)).toThrow(
      TypeError,
    );
  });

  it('what was injected into a refused request does not come back as a header', () => {
    const { request } = readMalformed(wire({ To: '<sip:bob@example.com>\nInjected: 1' }));
    expect(String(writeResponse(request as SipRequest, { status: 400 }, 't', FLOW))).not.toMatch(/^Injected/m);
  });
});

describe('writeRequest', () => {
  const head =
    'Max-Forwards: 70\r\nFrom: "Zoë" <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: 1\r\nCSeq: 1 NOTIFY\r\n';
  const via = 'Via: SIP/2.0/UDP 192.0.2.9:5060;rport;branch=z9hG4bK1';

  it('RFC 3261 §7: what is written reads back', () => {
    const body = Buffer.from('<presence>é</presence>');
    const request = readRequest(writeRequest({ method: 'NOTIFY', uri: 'sip:a@192.0.2.1', head, body }, via));
    expect(request).toMatchObject({ method: 'NOTIFY', uri: 'sip:a@192.0.2.1', from: { displayName: 'Zoë' } });
    expect(Buffer.from(request.body)).toEqual(body);
    expect(request.headers.get('Content-Length')).toBe('23');
    expect(request.via[0]).toMatchObject({ host: '192.0.2.9', port: 5060 });
  });

  it('RFC 3261 §20.14: without a body the length is 0', () => {
    const bytes = writeRequest({ method: 'NOTIFY', uri: 'sip:a@192.0.2.1', head, body: undefined }, via);
    expect(String(bytes)).toMatch(/\r\nContent-Length: 0\r\n\r\n$/);
  });

  it('a Request-URI or method that would break the start line is a fault', () => {
    for (const uri of ['sip:a@b SIP/2.0\r\nX: 1', 'sip:a b', ''])
      expect(() => writeRequest({ method: 'NOTIFY', uri, head, body: undefined }, via)).toThrow(TypeError);
    expect(() => writeRequest({ method: 'NO TIFY', uri: 'sip:a@b', head, body: undefined }, via)).toThrow(TypeError);
  });
});
