import { afterEach, describe, expect, test } from 'vitest';
import { dialogRequestHead, type Flow, type Incoming, type Outcome, uasDialog, whereTo, writeFlow } from '#sip';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { settleSockets, type TcpPeer } from '../../support/tcp-peer.ts';
import { parameter, readWire } from '../../support/wire.ts';
import { type RequestParts, request, respondLater } from './stage.ts';
import { openStreamStage, type StreamStage, type StreamStageOptions } from './stream-stage.ts';

let stage: StreamStage;
afterEach(() => stage?.close());
const open = async (options?: StreamStageOptions): Promise<StreamStage> => {
  stage = await openStreamStage(options);
  return stage;
};

/** From a socket behind a NAT, as its Via shows. */
const byTcp = (parts: RequestParts & { sentBy?: string; params?: string } = {}): string => {
  const { sentBy = '10.0.0.7:5099', params = ';rport', branch = `z9hG4bK${Math.random()}` } = parts;
  return request({ ...parts, via: `Via: SIP/2.0/TCP ${sentBy};branch=${branch}${params}` });
};

const outcomeOf = (flow: Flow, body?: string): Promise<Outcome> =>
  new Promise((resolve) => {
    const head =
      'Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=a\r\nTo: <sip:c@d>;tag=c\r\nCall-ID: ours\r\nCSeq: 1 NOTIFY\r\n' +
      `Contact: <${stage.endpoint.contact(flow)}>\r\n`;
    const bytes = body === undefined ? undefined : Buffer.from(body);
    stage.endpoint.send({ method: 'NOTIFY', uri: 'sip:bob@192.0.2.20', head, body: bytes }, flow, resolve);
  });

/** A 200 to a request of ours. */
function accept(text: string): string {
  const wire = readWire(Buffer.from(text, 'utf8'));
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) =>
    wire.headers(name).map((value) => `${name}: ${value}`),
  );
  return ['SIP/2.0 200 OK', ...copied, 'Content-Length: 0', '', ''].join('\r\n');
}

const flowOf = (index = 0): Flow => (stage.handled[index] as Incoming).flow;

describe.each(['127.0.0.1', '::1'] as const)('RFC 3261 §18 over TCP at %s', (host) => {
  const literal = host === '::1' ? '[::1]' : host;

  test('§18.2.1, §18.2.2: the answer goes back over the connection, with received and rport in its Via', async () => {
    await open({ host });
    const peer = await stage.call();
    peer.say(byTcp());
    const answer = await peer.next();
    expect(answer.status).toBe(200);
    expect(parameter(answer.header('Via'), 'received')).toBe(host);
    expect(parameter(answer.header('Via'), 'rport')).toBe(String(peer.port));
    expect(stage.handled[0]?.flow).toMatchObject({ transport: 'tcp', address: host, port: peer.port });
  });

  test('§18.1.1, §8.1.1.7: a request of ours has TCP in its Via; its Contact says transport=tcp', async () => {
    await open({ host });
    const peer = await stage.call();
    peer.say(byTcp());
    await peer.next();
    const outcome = outcomeOf(flowOf());
    const notify = await peer.next();
    expect(notify.header('Via')).toMatch(/^SIP\/2\.0\/TCP /);
    expect(notify.header('Via')).toContain(`SIP/2.0/TCP ${literal}:${stage.port};branch=z9hG4bK`);
    expect(notify.header('Contact')).toBe(`<sip:${literal}:${stage.port};transport=tcp>`);
    peer.say(accept(notify.text));
    expect(await outcome).toMatchObject({ kind: 'response', response: { status: 200 } });
  });

  test('by UDP the Contact says no transport', async () => {
    await open({ host });
    const phone = await stage.phone();
    phone.say(request({ via: `Via: SIP/2.0/UDP ${literal}:${phone.port};branch=z9hG4bKu;rport` }));
    expect((await phone.next()).status).toBe(200);
    expect(stage.endpoint.contact(flowOf())).toBe(`sip:${literal}:${stage.port}`);
  });

  test('§18.2.2: when the connection is gone, the answer goes to the sent-by port of the source address', async () => {
    const later = respondLater();
    await open({ host, handle: later.handle });
    const phone = await stage.listener();
    const peer = await stage.call();
    peer.say(byTcp({ sentBy: `10.0.0.7:${phone.port}` }));
    await settleSockets();
    peer.socket.resetAndDestroy();
    await settleSockets();
    later.answer({ status: 200 });
    expect((await (await phone.next()).next()).status).toBe(200);
  });
});

describe('RFC 3261 §18.3: framing', () => {
  test('§8.2.2.2: a copy that comes by the other transport while the first is going on is answered 482', async () => {
    const later = respondLater();
    await open({ handle: later.handle });
    const peer = await stage.call();
    const phone = await stage.phone();
    const parts = { callId: 'both-ways', cseq: 7 };
    peer.say(request({ ...parts, via: 'Via: SIP/2.0/TCP 192.0.2.20;branch=z9hG4bKbytcp' }));
    while (stage.handled.length === 0) await settleSockets();
    phone.say(request({ ...parts, via: `Via: SIP/2.0/UDP 127.0.0.1:${phone.port};branch=z9hG4bKbyudp;rport` }));
    expect((await phone.next()).status).toBe(482);
    later.answer({ status: 200 });
    expect((await peer.next()).status).toBe(200);
    expect(stage.handled).toHaveLength(1);
  });

  test('messages that come split and joined are answered in order', async () => {
    await open();
    const peer = await stage.call();
    const all = [1, 2, 3, 4, 5].map((cseq) => byTcp({ cseq, body: `body ${cseq}` })).join('\r\n');
    for (let at = 0; at < all.length; at += 97) {
      peer.say(all.slice(at, at + 97));
      await settleSockets();
    }
    for (const cseq of [1, 2, 3, 4, 5]) expect((await peer.next()).header('CSeq')).toBe(`${cseq} PUBLISH`);
    expect(stage.handled.map(({ request: { body } }) => Buffer.from(body).toString())).toEqual(
      [1, 2, 3, 4, 5].map((cseq) => `body ${cseq}`),
    );
  });

  const without = (text: string): string => text.replace(/Content-Length: .*\r\n/, '');
  test.each([
    ['missing', without, 400],
    ['negative', (text: string) => text.replace(/Content-Length: .*/, 'Content-Length: -1'), 400],
    ['no number', (text: string) => text.replace(/Content-Length: .*/, 'Content-Length: 1e3'), 400],
    ['there twice', (text: string) => text.replace(/(Content-Length: .*\r\n)/, '$1l: 7\r\n'), 400],
    ['too large', (text: string) => text.replace(/Content-Length: .*/, 'Content-Length: 262145'), 413],
  ])('a request whose Content-Length is %s is refused, and the connection ends', async (_, change, status) => {
    await open();
    const peer = await stage.call();
    peer.say(change(byTcp({ callId: 'refused' })) + byTcp());
    const answer = await peer.next();
    expect(answer.status).toBe(status);
    expect(answer.header('Call-ID')).toBe('refused');
    await peer.ended;
    expect(stage.handled).toEqual([]);
  });

  test('a head that does not end is refused with 513', async () => {
    await open();
    const peer = await stage.call();
    peer.say(
      byTcp()
        .replace('Max-Forwards: 70\r\n', `Max-Forwards: 70\r\n${'X: y\r\n'.repeat(11_000)}`)
        .slice(0, 65_600),
    );
    expect((await peer.next()).status).toBe(513);
    await peer.ended;
  });

  test.each([
    ['in its body', (text: string) => text.replace(/Content-Length: .*/, 'Content-Length: 9999')],
    ['in its head', (text: string) => text.slice(0, text.indexOf('\r\n\r\n'))],
  ])('a request that is cut short %s is refused with 400 when its sender has ended', async (_, cut) => {
    await open();
    const peer = await stage.call();
    peer.socket.end(cut(byTcp({ callId: 'half' })));
    const answer = await peer.next();
    expect([answer.status, answer.header('Call-ID')]).toEqual([400, 'half']);
    await peer.ended;
    expect(stage.handled).toEqual([]);
  });

  test('and likewise when the rest does not come in time', async () => {
    const clock = makeFakeClock();
    await open({ clock });
    const peer = await stage.call();
    peer.say(byTcp({ callId: 'late' }).replace(/Content-Length: .*/, 'Content-Length: 9999'));
    await settleSockets();
    await clock.advance(11_000);
    const answer = await peer.next();
    expect([answer.status, answer.header('Call-ID')]).toEqual([400, 'late']);
    await peer.ended;
  });

  test('a response that cannot be cut off is answered by nothing, and the connection ends', async () => {
    await open();
    const peer = await stage.call();
    peer.say('SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKx\r\n\r\n');
    await peer.ended;
    expect(peer.text).toBe('');
  });

  test.each([
    ['HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['garbage', 'x\r\n\r\n'.repeat(11_000)],
  ])('%s is answered by nothing, and the connection ends', async (_, said) => {
    await open();
    const peer = await stage.call();
    peer.say(Buffer.from(said, 'latin1'));
    await peer.ended;
    expect(peer.text).toBe('');
  });
});

describe('RFC 5626 §4.4.1: keep-alives', () => {
  test('a double CRLF is answered between messages, and nothing comes of it', async () => {
    await open();
    const peer = await stage.call();
    peer.say('\r\n\r\n');
    await peer.hears(/^\r\n$/);
    peer.say(byTcp());
    expect((await peer.next()).status).toBe(200);
    expect(stage.handled).toHaveLength(1);
  });
});

describe('RFC 3261 §17: transactions over a reliable transport', () => {
  test('§17.1.2.2: timer E does not run, timer F does; §17.2.2: an answer is not kept for retransmissions (timer J is 0)', async () => {
    const clock = makeFakeClock();
    await open({ clock });
    const peer = await stage.call();
    const said = byTcp({ branch: 'z9hG4bKtwice' });
    peer.say(said);
    await peer.next();
    peer.say(said);
    await peer.next();
    expect(stage.handled).toHaveLength(2);

    const outcome = outcomeOf(flowOf());
    await peer.next();
    await clock.advance(31_999);
    await settleSockets();
    expect(peer.text.match(/^NOTIFY /gm)).toHaveLength(1);
    await clock.advance(1);
    expect(await outcome).toEqual({ kind: 'timeout' });
  });

  test('§17.1.2.2: a second response finds nothing (timer K is 0), and harms nothing', async () => {
    await open();
    const peer = await stage.call();
    peer.say(byTcp());
    await peer.next();
    const outcome = outcomeOf(flowOf());
    const answer = accept((await peer.next()).text);
    peer.say(answer + answer);
    expect(await outcome).toMatchObject({ kind: 'response' });
    peer.say(byTcp());
    expect((await peer.next()).status).toBe(200);
  });

  test('§17.1.4, §18.4: a connection that breaks before the response is told as unreachable at once, not after timer F', async () => {
    const clock = makeFakeClock();
    await open({ clock });
    const peer = await stage.call();
    peer.say(byTcp());
    await peer.next();
    const outcome = outcomeOf(flowOf());
    await peer.next();
    peer.socket.resetAndDestroy();
    expect(await outcome).toMatchObject({ kind: 'unreachable' });
    expect(await outcomeOf(flowOf())).toEqual({ kind: 'unreachable', why: 'the connection is gone' });
  });
});

describe('RFC 3261 §12.2.1.1, §18.1.1: a request in a dialog whose connection is gone', () => {
  /** A SUBSCRIBE with this Contact over a connection that then ends; what becomes of a request in its dialog? */
  async function afterwards(contact: string): Promise<Outcome> {
    const peer = await stage.call();
    peer.say(byTcp({ method: 'SUBSCRIBE', lines: [`Contact: <${contact}>`] }));
    await peer.next();
    const { request: subscribe, flow } = stage.handled[0] as Incoming;
    const dialog = uasDialog(subscribe, 'ours', writeFlow(flow));
    const way = dialog === undefined ? undefined : whereTo(dialog);
    if (dialog === undefined || way === undefined) throw new Error('no dialog');
    peer.socket.resetAndDestroy();
    await settleSockets();
    const { uri, head } = dialogRequestHead(dialog, {
      method: 'NOTIFY',
      cseq: 1,
      contact: stage.endpoint.contact(way),
    });
    return new Promise((resolve) =>
      stage.endpoint.send({ method: 'NOTIFY', uri, head, body: undefined }, way, resolve),
    );
  }

  test('is sent over a new one to the Contact, when that is the address it came from', async () => {
    await open();
    const phone = await stage.listener();
    const outcome = afterwards(`sip:bob@127.0.0.1:${phone.port};transport=tcp`);
    const peer = await phone.next();
    const notify = await peer.next();
    expect(notify.uri).toBe(`sip:bob@127.0.0.1:${phone.port};transport=tcp`);
    peer.say(accept(notify.text));
    expect(await outcome).toMatchObject({ kind: 'response' });
  });

  test.each([
    'sip:x@df7jal23ls0d.invalid;transport=tcp',
    'sip:bob@localhost:PORT;transport=tcp',
    'sip:bob@127.0.0.2:PORT;transport=tcp',
    'sip:bob@127.0.0.1:PORT',
  ])('is unreachable, and nobody is called, with the Contact %s', async (contact) => {
    await open();
    const phone = await stage.listener();
    expect(await afterwards(contact.replace('PORT', String(phone.port)))).toMatchObject({ kind: 'unreachable' });
    expect(phone.accepted).toEqual([]);
  });
});

describe('RFC 3261 §18.1.1: a request of more than 1300 bytes to a peer known by UDP', () => {
  const LARGE = 'x'.repeat(1_400);
  async function known(): Promise<{ phone: Awaited<ReturnType<StreamStage['phone']>>; flow: Flow }> {
    const phone = await stage.phone();
    phone.say(request({ via: `Via: SIP/2.0/UDP 127.0.0.1:${phone.port};branch=z9hG4bKu${phone.port};rport` }));
    await phone.next();
    return { phone, flow: flowOf(stage.handled.length - 1) };
  }
  const answered = async (peer: TcpPeer): Promise<void> => peer.say(accept((await peer.next()).text));

  test('goes by TCP, with TCP in its Via, and the next one over the same connection', async () => {
    await open();
    const { phone, flow } = await known();
    const listener = await stage.listener(phone.port);
    const first = outcomeOf(flow, LARGE);
    const peer = await listener.next();
    const notify = await peer.next();
    expect(notify.header('Via')).toMatch(/^SIP\/2\.0\/TCP 127\.0\.0\.1:/);
    peer.say(accept(notify.text));
    expect(await first).toMatchObject({ kind: 'response' });
    const second = outcomeOf(flow, LARGE);
    await answered(peer);
    expect(await second).toMatchObject({ kind: 'response' });
    expect(listener.accepted).toHaveLength(1);
    expect(phone.received).toHaveLength(1);
  });

  test('goes whole by UDP when the peer takes no connection, and it is not asked again', async () => {
    const clock = makeFakeClock();
    await open({ clock });
    const { phone, flow } = await known();
    const first = outcomeOf(flow, LARGE);
    const notify = await phone.next();
    expect(notify.header('Via')).toMatch(/^SIP\/2\.0\/UDP /);
    expect(notify.body).toBe(LARGE);
    phone.say(accept(notify.text));
    expect(await first).toMatchObject({ kind: 'response' });

    const listener = await stage.listener(phone.port);
    const second = outcomeOf(flow, LARGE);
    phone.say(accept((await phone.next()).text));
    expect(await second).toMatchObject({ kind: 'response' });
    expect(listener.accepted).toEqual([]);

    await clock.advance(3_600_001);
    const third = outcomeOf(flow, LARGE);
    await answered(await listener.next());
    expect(await third).toMatchObject({ kind: 'response' });
  });

  test('a smaller one stays with UDP', async () => {
    await open();
    const { phone, flow } = await known();
    const listener = await stage.listener(phone.port);
    const outcome = outcomeOf(flow, 'x'.repeat(700));
    phone.say(accept((await phone.next()).text));
    expect(await outcome).toMatchObject({ kind: 'response' });
    expect(listener.accepted).toEqual([]);
  });

  test('one that is abandoned before the connection stands is never sent', async () => {
    await open();
    const { phone, flow } = await known();
    const listener = await stage.listener(phone.port);
    const head = 'Call-ID: ours\r\nCSeq: 1 NOTIFY\r\n';
    const body = Buffer.from(LARGE);
    stage.endpoint.send({ method: 'NOTIFY', uri: 'sip:b@c', head, body }, flow, () => undefined).abandon();
    const peer = await listener.next();
    await settleSockets();
    expect([peer.text, phone.received.length]).toEqual(['', 1]);
  });
});
