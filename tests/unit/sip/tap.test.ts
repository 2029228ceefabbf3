import { describe, expect, it } from 'vitest';
import { type Direction, peerUri, type Tap, type Transport, tapped, withoutCredentials } from '#sip';

const bytes = (lines: readonly string[]): Uint8Array => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
const FROM = 'From: "Alice, at home" <sip:alice@example.com>;tag=1';
const TO = 'To: <sip:bob@example.com>';

describe('Whose a message is', () => {
  it.each([
    ['in', 'SUBSCRIBE sip:bob@example.com SIP/2.0', 'sip:alice@example.com'],
    ['out', 'SIP/2.0 200 OK', 'sip:alice@example.com'],
    ['out', 'NOTIFY sip:192.0.2.9 SIP/2.0', 'sip:bob@example.com'],
    ['in', 'SIP/2.0 200 OK', 'sip:bob@example.com'],
  ] as const)('%s, %s: the peer’s end of it', (direction: Direction, start, uri) => {
    expect(peerUri(direction, bytes([start, FROM, TO]))).toBe(uri);
    expect(peerUri(direction, bytes([start, FROM.replace('From', 'f'), TO.replace('To', 't')]))).toBe(uri);
  });

  it.each([
    ['From: <sip:alice@example.com>;tag=1', 'sip:alice@example.com'],
    ['From:Alice <sip:alice@example.com>', 'sip:alice@example.com'],
    ['from : "a <sip:mallory@example.com> \\" b" <sip:alice@example.com>', 'sip:alice@example.com'],
    ['f: sip:alice@example.com;tag=1', 'sip:alice@example.com'],
    ['From: Zwölf <sip:alice@example.com>', 'sip:alice@example.com'],
    [`From: ${' '.repeat(5000)}x`, undefined],
    ['From: "<sip:mallory@example.com>', undefined],
  ])('%j', (line, uri) => {
    expect(peerUri('in', bytes(['PUBLISH sip:alice@example.com SIP/2.0', line, TO]))).toBe(uri);
  });

  it('is not found in a body, nor in another field, and a folded one is found', () => {
    const start = 'PUBLISH sip:alice@example.com SIP/2.0';
    expect(peerUri('in', Buffer.from(`${start}\r\n\r\nFrom: <sip:mallory@example.com>\r\n`))).toBeUndefined();
    expect(peerUri('in', bytes([start, 'X-From: <sip:mallory@example.com>']))).toBeUndefined();
    expect(peerUri('in', bytes([start, 'From: Alice', ' <sip:alice@example.com>']))).toBe('sip:alice@example.com');
    expect(peerUri('in', new Uint8Array(0))).toBeUndefined();
  });
});

describe('What proves who somebody is', () => {
  const masked = (line: string): string =>
    withoutCredentials(`PUBLISH sip:a SIP/2.0\r\n${line}\r\nExpires: 1\r\n\r\nnonce="body"`).split('\r\n')[1] ?? '';

  it.each([
    [
      'Authorization: Digest username="alice", realm="x", nonce="n\\"1", uri="sip:a", response="abc", cnonce=c, nc=00000001',
      'Authorization: Digest username="alice", realm="x", nonce="…", uri="sip:a", response="…", cnonce="…", nc=00000001',
    ],
    ['proxy-authorization :Digest response = abc', 'proxy-authorization :Digest response = "…"'],
    [
      'WWW-Authenticate: Digest realm="x", nonce="n", opaque="o", stale=true',
      'WWW-Authenticate: Digest realm="x", nonce="…", opaque="…", stale=true',
    ],
    ['Authentication-Info: nextnonce="n", rspauth="r"', 'Authentication-Info: nextnonce="…", rspauth="…"'],
    ['Authorization: Basic YWxpY2U6c2VjcmV0', 'Authorization: Basic …'],
    [
      'Authorization: Digest username="alice", response="cut off',
      'Authorization: Digest username="alice", response="…"',
    ],
    [
      'Authorization: Digest username="\u2028", response="abc"',
      'Authorization: Digest username="\u2028", response="…"',
    ],
    ['Subject: response="mine"', 'Subject: response="mine"'],
  ])('%s', (line, shown) => {
    expect(masked(line)).toBe(shown);
  });

  it('is masked on a folded line too, and bodies stay as they are', () => {
    const text =
      'PUBLISH sip:a SIP/2.0\r\nAuthorization: Digest username="a",\r\n response="abc"\r\n\r\nresponse="abc"';
    expect(withoutCredentials(text)).toBe(
      'PUBLISH sip:a SIP/2.0\r\nAuthorization: Digest username="a", response="…"\r\n\r\nresponse="abc"',
    );
  });
});

describe('A tapped transport', () => {
  const flow = { transport: 'udp', via: 'udp:x', address: '192.0.2.9', port: 5060 } as const;

  it('shows what goes in and out while it is on, and asks no more than that while it is off', () => {
    const sent: Uint8Array[] = [];
    let deliver: Parameters<Transport['start']>[0] = () => undefined;
    const received: Uint8Array[] = [];
    const seen: Direction[] = [];
    let on = false;
    const tap: Tap = {
      get isOn() {
        return on;
      },
      saw: (direction) => void seen.push(direction),
    };
    const transport = tapped(
      {
        transport: 'udp',
        reliable: false,
        name: 'udp:x',
        start: (receive) => {
          deliver = receive;
        },
        send: (one) => void sent.push(one),
        localAddress: () => 'x',
        close: async () => undefined,
      },
      tap,
    );
    transport.start((one) => void received.push(one));
    for (on of [false, true]) {
      transport.send(Buffer.from('a'), flow);
      deliver(Buffer.from('b'), flow);
    }
    expect([sent.length, received.length, seen]).toEqual([2, 2, ['out', 'in']]);
  });
});
