import { describe, expect, it } from 'vitest';
import { LIMITS, readMessage } from '#sip';
import { readMalformed, readRequest, wire } from './messages.ts';

function refused(bytes: Uint8Array): readonly [status: number, why: string] {
  const { status, why } = readMalformed(bytes);
  return [status, why];
}

describe('header fields', () => {
  it.each([
    ['a', 'Accept-Contact', '*;audio'],
    ['b', 'Referred-By', '<sip:c@example.com>'],
    ['c', 'Content-Type', 'application/pidf+xml'],
    ['d', 'Request-Disposition', 'no-fork'],
    ['e', 'Content-Encoding', 'gzip'],
    ['j', 'Reject-Contact', '*;video'],
    ['k', 'Supported', 'eventlist'],
    ['o', 'Event', 'presence'],
    ['r', 'Refer-To', '<sip:c@example.com>'],
    ['s', 'Subject', 'x'],
    ['u', 'Allow-Events', 'presence'],
    ['x', 'Session-Expires', '90'],
    ['y', 'Identity', '"abc"'],
  ])('RFC 3261 §7.3.3: %s is short for %s', (letter, name, value) => {
    for (const spelling of [letter, letter.toUpperCase()]) {
      const { headers } = readRequest(wire({}, [`${spelling}: ${value}`]));
      expect(headers.get(name)).toBe(value);
      expect(headers.get(letter)).toBe(value);
    }
  });

  it('RFC 3261 §7.3.3: the mandatory ones may all be short', () => {
    const bytes = Buffer.from(
      'SUBSCRIBE sip:b@example.com SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nf: <sip:a@example.com>;tag=1\r\n' +
        't: <sip:b@example.com>\r\ni: c1\r\nCSeq: 1 SUBSCRIBE\r\nm: <sip:a@192.0.2.1>\r\nl: 2\r\n\r\nhi!',
    );
    const request = readRequest(bytes);
    expect(request).toMatchObject({ callId: 'c1', from: { uri: 'sip:a@example.com' } });
    expect(String(Buffer.from(request.body))).toBe('hi');
    expect(request.contact).toHaveLength(1);
  });

  it('names are found in any case; hostile names are names like others', () => {
    const { headers } = readRequest(wire({}, ['constructor: 1', '__proto__: 2', 'EVENT: presence', 'toString: 3']));
    expect(headers.get('event')).toBe('presence');
    expect(headers.get('Constructor')).toBe('1');
    expect(headers.get('__proto__')).toBe('2');
    expect(headers.get('hasOwnProperty')).toBeUndefined();
    expect(headers.all('valueOf')).toEqual([]);
    expect(headers.list('toString')).toEqual(['3']);
  });

  it('RFC 3261 §7.3.1: several rows are one list, split outside quotes and brackets', () => {
    const { headers } = readRequest(wire({}, ['Accept: a/b, c/d;x="1,2"', 'Accept: e/f', 'Accept:', 'Link: <a,b>, c']));
    expect(headers.list('Accept')).toEqual(['a/b', 'c/d;x="1,2"', 'e/f']);
    expect(headers.all('Accept')).toEqual(['a/b, c/d;x="1,2"', 'e/f', '']);
    expect(headers.list('Link')).toEqual(['<a,b>', 'c']);
    expect(headers.get('Accept')).toBe('a/b, c/d;x="1,2"');
  });

  it('RFC 3261 §7.3.1: a folded field is one line', () => {
    const { headers } = readRequest(wire({}, ['Accept: a/b,\r\n\t c/d']));
    expect(headers.list('Accept')).toEqual(['a/b', 'c/d']);
    expect(headers.get('Accept')).toBe('a/b, c/d');
  });

  it('RFC 3261 §7: text is UTF-8, and Latin-1 where it is none', () => {
    expect(readRequest(wire({ From: '"Zoë à" <sip:z@example.com>;tag=1' })).from.displayName).toBe('Zoë à');
    expect(readRequest(wire({}, ['Subject: déjà'])).headers.get('Subject')).toBe('déjà');
    const latin1 = Buffer.from(wire({}, ['Subject: déjà']).toString('utf8'), 'latin1');
    expect(readRequest(latin1).headers.get('Subject')).toBe('déjà');
  });

  it('a display name without quotes may be more than tokens, as long as it can mean one thing only', () => {
    expect(readRequest(wire({ From: 'Zoë (home) <sip:z@example.com>;tag=1' })).from).toEqual({
      displayName: 'Zoë (home)',
      uri: 'sip:z@example.com',
      params: new Map([['tag', '1']]),
    });
    expect(refused(wire({ From: 'sip:a@example.com <sip:z@example.com>;tag=1' }))[1]).toBe('Malformed From');
  });
});

describe('RFC 3261 §8.1.1: what every request must have', () => {
  it.each([
    ['To', 'Missing To'],
    ['From', 'Missing From'],
    ['Call-ID', 'Missing Call-ID'],
    ['CSeq', 'Missing or Malformed CSeq'],
  ])('without %s it is answered 400', (name, why) => {
    const { status, why: told, request } = readMalformed(wire({ [name]: undefined }));
    expect([status, told]).toEqual([400, why]);
    expect(request?.via[0]?.host).toBe('192.0.2.1');
  });

  it('without Via, or with one that names no host, nobody can be answered', () => {
    expect(readMalformed(wire({ Via: undefined })).request).toBeUndefined();
    expect(readMalformed(wire({ Via: 'nonsense' })).request).toBeUndefined();
  });

  it('Max-Forwards may be missing', () => {
    expect(readMessage(wire({ 'Max-Forwards': undefined })).kind).toBe('request');
  });

  it.each([
    ['Max-Forwards', '256'],
    ['Max-Forwards', '-1'],
    ['Max-Forwards', 'many'],
    ['CSeq', '2147483648 SUBSCRIBE'],
    ['CSeq', 'x1 SUBSCRIBE'],
    ['CSeq', '-1 SUBSCRIBE'],
    ['CSeq', '1'],
    ['CSeq', '1 PUBLISH'],
    ['CSeq', '1 SUBSCRIB%45'],
    ['Call-ID', ''],
    ['Call-ID', 'a b'],
    ['Content-Length', '1'],
    ['Content-Length', '-0'],
    ['Content-Length', '0x0'],
    ['Content-Length', ''],
    ['From', ''],
    ['From', '<sip:a@example.com'],
    ['From', '<sip:a@example.com>>;tag=1'],
    ['From', '<sip:a@example.com>;tag=1;tag=2'],
    ['From', '<sip:a@example.com>;tag=1 junk'],
    ['From', '<sip:a@example.com>;__proto__=1'],
    ['From', '<sip:a@example.com>, <sip:b@example.com>'],
    ['From', '<a@example.com>;tag=1'],
    ['From', '<sip:a@exa mple.com>;tag=1'],
    ['From', 'sip:a@example.com?x=y;tag=1'],
    ['To', '<sip:b@c@example.com>'],
    ['To', '<sip:2001:db8::1>'],
    ['To', '"open <sip:b@example.com>'],
    ['To', '<>'],
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1, '],
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=1;branch=2'],
    ['Via', 'SIP/2.0/UDP 192.0.2.1 junk;branch=1'],
    ['Via', 'SIP/2.0/UDP 192.0.2.1:99999;branch=1'],
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch="1'],
    ['Via', 'SIP/2.0/UDP [2001:db8::1]x;branch=1'],
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=1, SIP/2.0/UDP'],
  ])('%s: %s is answered 400', (name, value) => {
    const { status, request } = readMalformed(wire({ [name]: value }));
    expect(status).toBe(400);
    expect(request?.method).toBe('SUBSCRIBE');
    expect(request?.via.length).toBeGreaterThan(0);
  });

  it.each(['To', 'From', 'Call-ID', 'CSeq', 'Max-Forwards', 'Content-Length'])('RFC 4475 §3.3.8: two %s', (name) => {
    const again = readRequest(wire()).headers.get(name);
    expect(refused(wire({}, [`${name}: ${again}`]))).toEqual([400, 'Header Field Occurs Twice']);
  });

  it.each(['Event: presence', 'Expires: 1', 'SIP-If-Match: x', 'Content-Type: text/plain'])(
    'a second %s is answered 400',
    (row) => {
      expect(readMessage(wire({}, [row])).kind).toBe('request');
      expect(refused(wire({}, [row, row]))).toEqual([400, 'Header Field Occurs Twice']);
    },
  );

  it.each([
    'Contact: <sip:a@example.com>;;',
    'Contact: sip:a@example.com, sip:b@example.com?x=y',
    'Contact: *, <sip:a@example.com>',
    'Contact: <sip:a@example.com>,',
    'Route: <sip:a@example.com;lr',
    'Record-Route: sip a',
    'Authorization: Digest username="a"; realm="b"',
    'Authorization: Digest username="a", username="b"',
    'Authorization: Digest username="a", Username="b"',
    'Authorization: Digest username="a", __proto__="b"',
    'Authorization: Digest scheme="basic", username="a"',
    'Authorization: Digest username="a',
    'Authorization: Digest',
    'Authorization:',
  ])('%s is answered 400', (row) => {
    expect(refused(wire({}, [row]))).toEqual([400, `Malformed ${row.split(':')[0]}`]);
  });

  it('RFC 3261 §20.10: Contact: * is read, as no address', () => {
    expect(readRequest(wire({}, ['Contact: *'])).contact).toEqual([]);
  });

  it('RFC 4475 §3.3.7: of Basic and Bearer nothing is read but the name', () => {
    const rows = ['Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'Authorization: Bearer a.b-c_d~e+f/g=='];
    expect(readRequest(wire({}, rows)).authorization.map(({ scheme }) => scheme)).toEqual(['basic', 'bearer']);
  });

  it('RFC 3261 §20.7: credentials without blanks, with many, and with escapes', () => {
    const { authorization } = readRequest(
      wire({}, [
        'Authorization:  Digest  Username="a\\"b",realm="r",nc=00000001 ,  QOP=auth',
        'Authorization: Digest a=1',
      ]),
    );
    expect(authorization).toEqual([
      {
        scheme: 'digest',
        params: new Map([
          ['username', 'a"b'],
          ['realm', 'r'],
          ['nc', '00000001'],
          ['qop', 'auth'],
        ]),
      },
      { scheme: 'digest', params: new Map([['a', '1']]) },
    ]);
  });

  it('a parameter named like a property of objects is one', () => {
    const { params } = readRequest(wire({ From: '<sip:a@example.com>;tag=1;constructor=2;toString' })).from;
    expect(params).toEqual(
      new Map([
        ['tag', '1'],
        ['constructor', '2'],
        ['tostring', null],
      ]),
    );
  });

  it('RFC 3261 §20.42: SIP and the transport in any case, addresses of both kinds in one row', () => {
    const { via } = readRequest(wire({ Via: 'sip/2.0/udp [2001:DB8::1]:5061;rport, SIP/2.0/TCP b.example.com' }));
    expect(via).toEqual([
      { transport: 'UDP', host: '2001:DB8::1', port: 5061, params: new Map([['rport', null]]) },
      { transport: 'TCP', host: 'b.example.com', port: undefined, params: new Map() },
    ]);
  });
});

describe('start line', () => {
  it.each(['GET / HTTP/1.1', 'hello', '', 'SIP/2.0', 'SUBSCRIBE sip:bob@example.com'])(
    '%j is not SIP: silence',
    (line) => {
      expect(readMalformed(wire({}, [], line))).toMatchObject({ request: undefined });
    },
  );

  it.each([
    ['SUBSCRIBE sip:bob@example.com SIP/3.0', 505],
    ['SUB{ sip:bob@example.com SIP/2.0', 400],
    ['SUBSCRIBE bob@example.com SIP/2.0', 400],
    ['SUBSCRIBE sip:bob@exam\0ple.com SIP/2.0', 400],
    [`SUBSCRIBE sip:${'b'.repeat(9000)}@example.com SIP/2.0`, 414],
  ])('%s', (line, status) => {
    const reading = readMalformed(wire({}, [], line));
    expect(reading.status).toBe(status);
    expect(reading.request).toBeDefined();
  });

  it.each(['99', '700', '2000', '20x'])('RFC 3261 §7.2: a response of status %s is dropped', (status) => {
    expect(readMalformed(wire({}, [], `SIP/2.0 ${status} OK`)).request).toBeUndefined();
  });

  it('a malformed response is dropped, never answered', () => {
    expect(readMalformed(wire({ To: undefined }, [], 'SIP/2.0 200 OK')).request).toBeUndefined();
  });

  it('RFC 3261 §7.5: empty lines in front are read over; nothing but them is nothing', () => {
    expect(readMessage(Buffer.concat([Buffer.from('\r\n\r\n'), wire()])).kind).toBe('request');
    expect(readMalformed(Buffer.from('\r\n\r\n'))).toMatchObject({ request: undefined });
    expect(readMalformed(new Uint8Array(0))).toMatchObject({ request: undefined });
  });
});

describe('no line ends and no control characters come through', () => {
  it.each([
    ['Subject: a\nInjected: b'],
    ['Subject: a\rInjected: b'],
    ['Subject: a\0b'],
    ['Subject: "\\\n"'],
    ['Subject: \x7f'],
  ])('%j is answered 400', (row) => {
    const { status, why, request } = readMalformed(wire({}, [row]));
    expect([status, why]).toEqual([400, 'Control Character in Header Field']);
    expect(request?.headers.get('Subject')).not.toMatch(/[\r\n]/);
    expect(request?.headers.get('Injected')).toBeUndefined();
  });

  it('a header line without a colon, or with a name that is none, is answered 400', () => {
    expect(refused(wire({}, ['nonsense']))).toEqual([400, 'Header Line without Colon']);
    expect(refused(wire({}, ['na me: x']))).toEqual([400, 'Malformed Header Name']);
    expect(refused(wire({}, [': x']))).toEqual([400, 'Malformed Header Name']);
  });

  it('a message with bare LF is not SIP', () => {
    expect(readMalformed(Buffer.from(String(wire()).replaceAll('\r\n', '\n'))).request).toBeUndefined();
  });
});

describe('limits', () => {
  it('a head that does not end within the limit is answered 513, addressed by what was read', () => {
    const rows = Array.from({ length: 60 }, (_, index) => `X-${index}: ${'x'.repeat(2000)}`);
    const { status, request } = readMalformed(wire({}, rows));
    expect(status).toBe(513);
    expect(request?.callId).toBe('c1@192.0.2.1');
  });

  it('too many rows, and one too long, are answered 513', () => {
    const rows = Array.from({ length: LIMITS.fields }, () => 'X: 1');
    expect(refused(wire({}, rows))).toEqual([513, 'Too Many Header Fields']);
    expect(refused(wire({}, [`X: ${'x'.repeat(LIMITS.value)}`]))).toEqual([513, 'Header Field Too Long']);
    expect(readMessage(wire({}, [`X: ${'x'.repeat(LIMITS.value - 1)}`])).kind).toBe('request');
  });

  it('a body too large is answered 413 as soon as its length is told', () => {
    expect(refused(wire({ 'Content-Length': '300000' }))).toEqual([413, 'Body Too Large']);
    expect(refused(wire({ 'Content-Length': '9'.repeat(400) }))).toEqual([413, 'Body Too Large']);
    const bytes = Buffer.concat([wire({ 'Content-Length': undefined }), Buffer.alloc(11)]);
    expect(readMessage(bytes, { ...LIMITS, body: 10 })).toMatchObject({ status: 413 });
    expect(readMessage(bytes, { ...LIMITS, body: 11 }).kind).toBe('request');
  });

  it('RFC 3261 §18.3: without Content-Length the body is all that is there', () => {
    const bytes = Buffer.concat([wire({ 'Content-Length': undefined }), Buffer.from('é')]);
    expect(readRequest(bytes).body).toHaveLength(2);
  });

  it('RFC 4475 §3.1.2.15: without an empty line it is answered 400', () => {
    expect(refused(wire().subarray(0, -2))).toEqual([400, 'No End of Header']);
  });
});
