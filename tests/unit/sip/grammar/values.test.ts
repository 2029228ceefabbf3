import { describe, expect, it } from 'vitest';
import {
  headerText,
  quote,
  readAccept,
  readEvent,
  readMediaType,
  readNameAddr,
  readNumber,
  readParams,
  readUri,
  reasonPhrase,
} from '#sip';

describe('readNumber', () => {
  it('RFC 3261 §20.19: more than 2^32-1 is taken for 2^32-1, or for what the caller bears', () => {
    expect(readNumber('3600')).toBe(3600);
    expect(readNumber(' 007 ')).toBe(7);
    expect(readNumber('4294967296')).toBe(4_294_967_295);
    expect(readNumber('9'.repeat(500))).toBe(4_294_967_295);
    expect(readNumber('300', 255)).toBe(255);
  });

  it.each(['', '-1', '+1', '1.5', '1e3', '0x1', '1 2', '1;x', 'abc', '١'])('%j is no number', (text) => {
    expect(readNumber(text)).toBeUndefined();
  });
});

describe('readUri', () => {
  it('RFC 3261 §19.1.1: takes a URI apart', () => {
    expect(readUri('SIPS:Alice:secret@Example.COM:5071;transport=tcp;LR;x="1"?subject=y')).toBeUndefined();
    expect(readUri('SIPS:Alice:secret@Example.COM:5071;transport=TCP;LR?subject=y')).toEqual({
      scheme: 'sips',
      user: 'Alice',
      host: 'example.com',
      port: 5071,
      params: new Map([
        ['transport', 'TCP'],
        ['lr', null],
      ]),
    });
    expect(readUri('sip:example.com')).toEqual({
      scheme: 'sip',
      user: '',
      host: 'example.com',
      port: undefined,
      params: new Map(),
    });
    expect(readUri('sip:a@[2001:DB8::1]:5060;maddr=[::1]')).toMatchObject({ host: '2001:db8::1', port: 5060 });
    expect(readUri('sip:a@h;constructor=1;x=a=b')?.params).toEqual(
      new Map([
        ['constructor', '1'],
        ['x', 'a=b'],
      ]),
    );
  });

  it.each([
    '',
    'sip:',
    'tel:+1',
    'a@example.com',
    'sip:a@',
    'sip:a@b@c',
    'sip:a@exa mple.com',
    'sip:a@example.com:port',
    'sip:a@example.com:99999',
    'sip:2001:db8::1',
    'sip:a@example.com;lr;lr',
    'sip:a@example.com\r\nX: 1',
    'sip:a@<b>',
  ])('%j is none', (text) => {
    expect(readUri(text)).toBeUndefined();
  });
});

describe('readNameAddr', () => {
  it('RFC 3261 §20.10: parameters behind a URI without brackets are the header’s', () => {
    expect(readNameAddr('sip:a@example.com;tag=1')).toEqual({
      displayName: '',
      uri: 'sip:a@example.com',
      params: new Map([['tag', '1']]),
    });
    expect(readNameAddr('"Zoë, \\"Z\\"" <sip:a@example.com;lr>;x="a;b"')).toEqual({
      displayName: 'Zoë, "Z"',
      uri: 'sip:a@example.com;lr',
      params: new Map([['x', 'a;b']]),
    });
    expect(readNameAddr('<sip:a@b>, <sip:c@d>')).toBeUndefined();
  });
});

describe('readParams', () => {
  it('names in lower case, values without quotes, flags as null', () => {
    expect(readParams('')).toEqual(new Map());
    expect(readParams(' ; A = b ;c;d="e\\";f" ')).toEqual(
      new Map([
        ['a', 'b'],
        ['c', null],
        ['d', 'e";f'],
      ]),
    );
    expect(readParams(';__proto__=1')?.get('__proto__')).toBe('1');
  });

  it.each([';', 'a=1', ';a=1;a=2', ';a="1', ';a="1"2', ';a b', ';a=1 2', ';=1', ';a='])('%j is malformed', (text) => {
    expect(readParams(text)).toBeUndefined();
  });
});

describe('readMediaType', () => {
  it('RFC 3261 §20.15: in lower case, parameters aside', () => {
    expect(readMediaType('Application/PIDF+xml ; charset="UTF-8"')).toEqual({
      type: 'application/pidf+xml',
      params: new Map([['charset', 'UTF-8']]),
    });
  });

  it.each(['', 'text', 'text/', '/plain', 'text/plain/x', 'text/pl ain', 'a/b, c/d', 'a/b;'])('%j is none', (text) => {
    expect(readMediaType(text)).toBeUndefined();
  });
});

describe('readAccept', () => {
  it('RFC 3261 §20.1: ranges in the order written, each with its q', () => {
    const ranges = readAccept(['application/pidf+xml;q=0.5, text/*', '*/*;q=0.1;level=1']);
    expect(ranges.map(({ type, q }) => [type, q])).toEqual([
      ['application/pidf+xml', 0.5],
      ['text/*', 1],
      ['*/*', 0.1],
    ]);
  });

  it('what cannot be read accepts nothing', () => {
    expect(readAccept(['nonsense, a/b;q=2, c/d;q=x, e/f;q=0, g/h;q', '"open'])).toMatchObject([{ type: 'e/f', q: 0 }]);
    expect(readAccept([])).toEqual([]);
    expect(readAccept([''])).toEqual([]);
  });
});

describe('readEvent', () => {
  it('RFC 6665 §8.2.1: package, template and parameters, byte for byte', () => {
    expect(readEvent('presence')).toEqual({ name: 'presence', params: new Map() });
    expect(readEvent('presence.winfo ;id=7')).toEqual({ name: 'presence.winfo', params: new Map([['id', '7']]) });
    expect(readEvent('Presence')?.name).toBe('Presence');
  });

  it.each(['', 'presence, dialog', 'a b', '.winfo', 'presence.', 'a..b', 'presence;id=1;id=2'])(
    '%j is none',
    (text) => {
      expect(readEvent(text)).toBeUndefined();
    },
  );
});

describe('words for the wire', () => {
  it('a line end never gets through', () => {
    expect(headerText('a\r\nInjected: 1')).toBe('a Injected: 1');
    expect(headerText('\na\0b\r')).toBe('a b');
    expect(headerText('plain ü\ttext')).toBe('plain ü\ttext');
    expect(quote('a"b\\c\r\nd')).toBe('"a\\"b\\\\c d"');
  });

  it('RFC 3261 §21, RFC 6665 §8.3: every status has a phrase', () => {
    expect([200, 202, 401, 412, 423, 481, 489, 503].map(reasonPhrase)).toEqual([
      'OK',
      'Accepted',
      'Unauthorized',
      'Conditional Request Failed',
      'Interval Too Brief',
      'Call/Transaction Does Not Exist',
      'Bad Event',
      'Service Unavailable',
    ]);
    expect(reasonPhrase(499)).toBe('Bad Request');
    expect(reasonPhrase(0)).toBe('');
  });
});
