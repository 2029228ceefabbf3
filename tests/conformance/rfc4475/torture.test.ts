import { describe, expect, it } from 'vitest';
import { readAccept, readMessage, readNameAddr, readUri, type SipRequest, writeResponse } from '#sip';
import manifest from '../../cases/rfc4475/manifest.json' with { type: 'json' };
import { caseFile, FLOW, readMalformed, readRequest, readResponse } from '../../unit/sip/grammar/messages.ts';

const torture = (name: string): Buffer => caseFile(`rfc4475/${name}.dat`);
const read = (name: string): SipRequest => readRequest(torture(name));

/** Where the archive leaves the choice (refuse, or recover), what we do; the rest the manifest tells. */
const OUR_CHOICE: Readonly<Record<string, 'request' | 'malformed'>> = {
  ltgtruri: 'malformed',
  lwsruri: 'malformed',
  lwsstart: 'malformed',
  trws: 'request',
  escruri: 'request',
  baddate: 'request',
  regbadct: 'malformed',
  badaspec: 'request',
  baddn: 'malformed',
  mismatch02: 'malformed',
  insuf: 'malformed',
  unksm2: 'request',
};

describe('RFC 4475: which torture messages are read, refused with 400, or dropped', () => {
  for (const { name, section, title, kind, accept } of manifest) {
    it(`RFC 4475 §${section}: ${title} (${name})`, () => {
      const reading = readMessage(torture(name));
      if (kind === 'response') {
        const wellFormed = !['scalarlg', 'bigcode'].includes(name);
        expect(reading.kind).toBe(wellFormed ? 'response' : 'malformed');
        if (reading.kind === 'malformed') expect(reading.request).toBeUndefined();
        return;
      }
      const refused = OUR_CHOICE[name] ?? (accept.includes('400') || accept.includes('505') ? 'malformed' : 'request');
      expect(reading.kind).toBe(refused);
      if (reading.kind !== 'malformed') return;
      expect(accept).toContain(String(reading.status));
      // Whoever is refused can be told so.
      expect(reading.request).toBeDefined();
    });
  }
});

describe('RFC 4475: what is read is read right', () => {
  it('RFC 4475 §3.1.1.1: blanks, folds, compact forms and case are all one', () => {
    const request = read('wsinv');
    expect(request.uri).toBe('sip:vivekg@chair-dnrc.example.com;unknownparam');
    expect(request.to).toEqual({
      displayName: '',
      uri: 'sip:vivekg@chair-dnrc.example.com',
      params: new Map([['tag', '1918181833n']]),
    });
    expect(request.from).toEqual({
      displayName: 'J Rosenberg \\"',
      uri: 'sip:jdrosen@example.com',
      params: new Map([['tag', '98asjd8']]),
    });
    expect(request.cseq).toEqual({ seq: 9, method: 'INVITE' });
    expect(request.headers.get('Max-Forwards')).toBe('0068');
    expect(request.via).toEqual([
      { transport: 'UDP', host: '192.0.2.2', port: undefined, params: new Map([['branch', '390skdjuw']]) },
      { transport: 'TCP', host: 'spindle.example.com', port: undefined, params: new Map([['branch', 'z9hG4bK9ikj8']]) },
      { transport: 'UDP', host: '192.168.255.111', port: undefined, params: new Map([['branch', 'z9hG4bK30239']]) },
    ]);
    expect(request.route.map(({ uri }) => uri)).toEqual([
      'sip:services.example.com;lr;unknownwith=value;unknown-no-value',
    ]);
    expect(request.contact).toEqual([
      {
        displayName: 'Quoted string ""',
        uri: 'sip:jdrosen@example.com',
        params: new Map([
          ['newparam', 'newvalue'],
          ['secondparam', null],
          ['q', '0.33'],
        ]),
      },
    ]);
    expect(request.headers.get('NewFangledHeader')).toBe('newfangled value continued newfangled value');
    expect(request.headers.get('Subject')).toBe('');
    expect(request.body).toHaveLength(150);
  });

  it('RFC 4475 §3.1.1.2: every character that the grammar allows', () => {
    const request = read('intmeth');
    expect(request.method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
    expect(request.cseq).toEqual({ seq: 139_122_385, method: request.method });
    expect(request.to.displayName).toBe('BEL:\x07 NUL:\0 DEL:\x7f');
    expect(request.from.displayName).toBe("token1~` token2'+_ token3*%!.-");
    expect(request.from.params.get("fromparam''~+*_!.-%")).toBe('работающий');
    expect(request.from.params.get('tag')).toBe("_token~1'+`*%!-.");
    expect(request.callId).toBe('intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{');
    expect(request.headers.get("extensionHeader-!.%*+_`'~")).toBe('\ufeff大停電');
    expect(readUri(request.uri)).toEqual({
      scheme: 'sip',
      user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
      host: 'example.com',
      port: undefined,
      params: new Map(),
    });
  });

  it('RFC 4475 §3.1.1.3, §3.1.1.4: escapes stay as written, NUL too', () => {
    expect(readUri(read('esc01').uri)).toMatchObject({ user: 'sips%3Auser%40example.com', host: 'example.net' });
    expect(read('esc01').contact[0]?.uri).toBe('sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31');
    expect(read('escnull').contact.map(({ uri }) => uri)).toEqual([
      'sip:%00@host5.example.com',
      'sip:%00%00@host5.example.com',
    ]);
  });

  it('RFC 4475 §3.1.1.5: an escape in a method or a header name is none', () => {
    const request = read('esc02');
    expect(request.method).toBe('RE%47IST%45R');
    expect(request.cseq.method).toBe('RE%47IST%45R');
    expect(request.contact.map(({ uri }) => uri)).toEqual([
      'sip:alias1@host1.example.com',
      'sip:alias3@host3.example.com',
    ]);
    expect(request.headers.get('C%6Fntact')).toBe('<sip:alias2@host2.example.com>');
    expect(request.to.displayName).toBe('%Z%45');
  });

  it('RFC 4475 §3.1.1.6: no blank is needed in front of the bracket', () => {
    expect(read('lwsdisp').from).toMatchObject({ displayName: 'caller', uri: 'sip:caller@example.com' });
  });

  it('RFC 4475 §3.1.1.7: long values come whole', () => {
    const request = read('longreq');
    expect(request.callId).toHaveLength(141);
    expect(request.from.params.get('tag')).toMatch(/^12982982\d+424$/);
    expect(request.via).toHaveLength(34);
  });

  it('RFC 4475 §3.1.1.8: what follows Content-Length is not read', () => {
    const request = read('dblreq');
    expect(request.method).toBe('REGISTER');
    expect(request.callId).toBe('dblreq.0ha0isndaksdj99sdfafnl3lk233412');
    expect(request.body).toHaveLength(0);
  });

  it('RFC 4475 §3.1.1.9: semicolons in a user part belong to the user', () => {
    const request = read('semiuri');
    expect(readUri(request.uri)).toMatchObject({ user: 'user;par=u%40example.net', host: 'example.com' });
    expect(readAccept(request.headers.all('Accept')).map(({ type }) => type)).toEqual([
      'application/sdp',
      'application/pkcs7-mime',
      'multipart/mixed',
      'multipart/signed',
      'message/sip',
      'message/sipfrag',
    ]);
  });

  it('RFC 4475 §3.1.1.10: every Via goes back, in order, whatever its transport', () => {
    const request = read('transports');
    expect(request.via.map(({ transport }) => transport)).toEqual(['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']);
    const answer = readResponse(writeResponse(request, { status: 200 }, 'ours', FLOW));
    expect(answer.headers.all('Via')).toEqual([
      'SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw;received=192.0.2.7',
      ...request.headers.all('Via').slice(1),
    ]);
  });

  it('RFC 4475 §3.1.1.11: a body of bytes stays bytes', () => {
    const request = read('mpart01');
    expect(request.body).toHaveLength(553);
    expect(Buffer.from(request.body).includes(Buffer.from([0x30, 0x82, 0x01, 0x52]))).toBe(true);
    expect(request.headers.get('Content-Type')).toBe('multipart/mixed;boundary=7a9cbec02ceef655');
  });

  it('RFC 4475 §3.1.1.12, §3.1.1.13: a reason phrase is UTF-8, or nothing', () => {
    expect(readResponse(torture('unreason')).reason).toBe('= 2**3 * 5**2 но сто девяносто девять - простое');
    expect(readResponse(torture('noreason'))).toMatchObject({ status: 100, reason: '' });
  });

  it('RFC 4475 §3.2.1, §3.4.1: a branch that is the cookie alone, and none at all, are read', () => {
    expect(read('badbranch').via[0]?.params.get('branch')).toBe('z9hG4bK');
    expect(read('inv2543').via[0]?.params.has('branch')).toBe(false);
    expect(read('inv2543').body).toHaveLength(105);
  });

  it('RFC 4475 §3.3.7: credentials of an unknown scheme harm nobody', () => {
    expect(read('regaut01').authorization.map(({ scheme }) => scheme)).toEqual(['nooneknowsthisscheme']);
  });

  it('RFC 4475 §3.3.5: the extensions asked for come one by one', () => {
    expect(read('bext01').headers.list('Require')).toEqual(['nothingSupportsThis', 'nothingSupportsThisEither']);
  });

  it('RFC 4475 §3.3.12, §3.3.13: a parameter of the header and one of the URI are told apart', () => {
    expect(read('cparam01').contact).toEqual([
      { displayName: '', uri: 'sip:+19725552222@gw1.example.net', params: new Map([['unknownparam', null]]) },
    ]);
    expect(read('cparam02').contact[0]?.params.size).toBe(0);
    expect(readUri(read('cparam02').contact[0]?.uri ?? '')?.params).toEqual(new Map([['unknownparam', null]]));
  });

  it('RFC 4475 §3.1.2.14: blanks inside the brackets are no part of the URI', () => {
    expect(read('badaspec').to.uri).toBe('sip:t.watson@example.org');
  });
});

describe('RFC 4475: who is refused hears it', () => {
  it('RFC 4475 §3.1.2.4: a CSeq too large is told back as it came', () => {
    const { request } = readMalformed(torture('scalar02'));
    const text = String(writeResponse(request as SipRequest, { status: 400 }, 't', FLOW));
    expect(text).toContain('\r\nCSeq: 36893488147419103232 REGISTER\r\n');
  });

  it('RFC 4475 §3.1.2.1: a broken Via still says where the answer goes', () => {
    const { request } = readMalformed(torture('badinv01'));
    expect(request?.via).toEqual([{ transport: 'UDP', host: '192.0.2.15', port: undefined, params: new Map() }]);
    expect(String(writeResponse(request as SipRequest, { status: 400 }, 't', FLOW))).toContain(
      '\r\nVia: SIP/2.0/UDP 192.0.2.15;;;received=192.0.2.7,;,,\r\n',
    );
  });

  it('RFC 4475 §3.1.2.16: another version is answered 505 in ours', () => {
    const { request, status } = readMalformed(torture('badvers'));
    expect(status).toBe(505);
    expect(String(writeResponse(request as SipRequest, { status }, 't', FLOW))).toMatch(
      /^SIP\/2\.0 505 Version Not Supported\r\nVia: SIP\/7\.0\/UDP c\.example\.com;branch=z9hG4bKkdjuw;received=192\.0\.2\.7\r\n/,
    );
  });

  it('RFC 4475 §3.3.1: what the request lacks the refusal lacks, too', () => {
    const { request } = readMalformed(torture('insuf'));
    expect(String(writeResponse(request as SipRequest, { status: 400 }, 't', FLOW))).toBe(
      'SIP/2.0 400 Bad Request\r\nVia: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf;received=192.0.2.7\r\n' +
        'CSeq: 193942 INVITE\r\nContent-Length: 0\r\n\r\n',
    );
  });

  it('RFC 4475 §3.1.2.6: an open quote takes nothing else along', () => {
    const { request, why } = readMalformed(torture('quotbal'));
    expect(why).toBe('Malformed To');
    expect(request?.callId).toBe('quotbal.aksdj');
    expect(readNameAddr('"Mr. J. User <sip:j.user@example.com>')).toBeUndefined();
  });
});
