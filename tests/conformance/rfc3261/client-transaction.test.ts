import { describe, expect, test } from 'vitest';
import type { Outcome, OutgoingRequest } from '#sip';
import { parameter, type Wire } from '../../support/wire.ts';
import { makeStage, SERVER } from './stage.ts';

const NOTIFY: OutgoingRequest = {
  method: 'NOTIFY',
  uri: 'sip:bob@192.0.2.20:5060',
  head: [
    'Max-Forwards: 70',
    'From: <sip:alice@example.com>;tag=ours',
    'To: <sip:bob@example.com>;tag=bobs',
    'Call-ID: watch-1',
    'CSeq: 1 NOTIFY',
    'Event: presence',
    '',
  ].join('\r\n'),
  body: Buffer.from('état'),
};

function answer(to: Wire, status = 200, change: (text: string) => string = (text) => text): string {
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${to.header(name)}`);
  return change([`SIP/2.0 ${status} Answer`, ...copied, 'Content-Length: 0', '', ''].join('\r\n'));
}

async function sent(options: Parameters<typeof makeStage>[0] = {}) {
  const stage = makeStage(options);
  const outcomes: Outcome[] = [];
  const request = stage.endpoint.send(NOTIFY, stage.toClient, (outcome) => outcomes.push(outcome));
  await stage.clock.advance(10);
  const [first] = stage.received;
  if (first === undefined) throw new Error('nothing was sent');
  return { ...stage, outcomes, request, first };
}

describe('RFC 3261 §17.1.2: non-INVITE client transaction', () => {
  test('the request goes out with a Via of ours, a new unguessable branch and rport', async () => {
    const stage = await sent();
    stage.endpoint.send(NOTIFY, stage.toClient, () => undefined);
    await stage.clock.advance(10);
    const [one, two] = stage.received;
    expect(one?.header('Via')).toMatch(/^SIP\/2\.0\/UDP 192\.0\.2\.1:5060;/);
    expect(`${one?.header('Via')};`).toMatch(/;rport;/);
    const branches = [one, two].map((wire) => parameter(wire?.header('Via') ?? '', 'branch') ?? '');
    for (const branch of branches) expect(branch).toMatch(/^z9hG4bK[\w-]{16,}$/);
    expect(branches[0]).not.toBe(branches[1]);
    expect(one?.body).toBe('état');
    expect(one?.header('Content-Length')).toBe('5');
  });

  test('timers E and F: the same bytes at 0.5, 1.5, 3.5, 7.5 … s, and a timeout after 32 s', async () => {
    const stage = await sent();
    await stage.clock.advance(32_000);
    expect(new Set(stage.received.map(({ text }) => text)).size).toBe(1);
    expect(stage.received).toHaveLength(11);
    expect(stage.outcomes).toEqual([{ kind: 'timeout' }]);
  });

  test('a final response is the outcome; its retransmission is absorbed', async () => {
    const stage = await sent();
    await stage.say(answer(stage.first));
    await stage.say(answer(stage.first));
    await stage.clock.advance(40_000);
    expect(stage.outcomes).toHaveLength(1);
    expect(stage.outcomes[0]).toMatchObject({ kind: 'response', response: { status: 200, callId: 'watch-1' } });
    expect(stage.received).toHaveLength(1);
    expect(stage.logged.filter(({ message }) => message === 'a stray response')).toEqual([]);
  });

  test('an error response is the outcome as well', async () => {
    const stage = await sent();
    await stage.say(answer(stage.first, 481));
    expect(stage.outcomes[0]).toMatchObject({ kind: 'response', response: { status: 481 } });
  });

  test('a provisional response is no outcome', async () => {
    const stage = await sent();
    await stage.say(answer(stage.first, 100));
    await stage.clock.advance(5_000);
    expect(stage.outcomes).toEqual([]);
    // At 0.5 s, then at T2.
    expect(stage.received).toHaveLength(3);
  });

  test('an abandoned request is heard of no more', async () => {
    const stage = await sent();
    stage.request.abandon();
    await stage.say(answer(stage.first));
    await stage.clock.advance(40_000);
    expect(stage.received).toHaveLength(1);
    expect(stage.outcomes).toEqual([]);
  });
});

describe('RFC 3261 §17.1.3, §18.1.2: matching responses', () => {
  test.each<[string, (text: string) => string]>([
    ['another branch', (text) => text.replace('z9hG4bK', 'z9hG4bKx')],
    ['another method in CSeq', (text) => text.replace('1 NOTIFY', '1 OPTIONS')],
    ['another sent-by host', (text) => text.replace('192.0.2.1:5060', '192.0.2.77:5060')],
    ['another sent-by port', (text) => text.replace('192.0.2.1:5060', '192.0.2.1:5070')],
    [
      'a second Via (§8.1.3.3)',
      (text) => text.replace('\r\nFrom', '\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKx\r\nFrom'),
    ],
    ['no branch', (text) => text.replace(/branch=[^;\r]*/, 'x=1')],
  ])('with %s it is dropped in silence', async (_, change) => {
    const stage = await sent();
    const came = await stage.say(answer(stage.first, 200, change));
    expect(came).toEqual([]);
    expect(stage.outcomes).toEqual([]);
  });

  test('a sent-by whose port is left out means 5060', async () => {
    const stage = await sent();
    await stage.say(answer(stage.first, 200, (text) => text.replace('192.0.2.1:5060', '192.0.2.1')));
    expect(stage.outcomes).toHaveLength(1);
  });
});

describe('RFC 3261 §17.1.4, §18.4: what cannot be sent', () => {
  test('a flow of a listening point that is not there is unreachable, told in a later turn', async () => {
    const stage = makeStage();
    const outcomes: Outcome[] = [];
    const flow = { ...stage.toClient, transport: 'tcp', via: 'tcp:192.0.2.1:5060' } as const;
    stage.endpoint.send(NOTIFY, flow, (outcome) => outcomes.push(outcome));
    expect(outcomes).toEqual([]);
    await stage.clock.settle();
    expect(outcomes).toEqual([{ kind: 'unreachable', why: 'no listening point tcp:192.0.2.1:5060' }]);
  });

  test('a flow of before a restart, of a listening point that was renamed, goes out by one of its kind', async () => {
    const stage = makeStage();
    stage.endpoint.send(NOTIFY, { ...stage.toClient, via: 'udp:0.0.0.0:5060' }, () => undefined);
    await stage.clock.advance(10);
    expect(stage.received).toHaveLength(1);
  });
});

describe('what peers are told to send to', () => {
  test('our side of the route', () => {
    const stage = makeStage();
    expect(stage.endpoint.advertised(stage.toClient)).toBe(SERVER);
  });
  test.each([
    ['sip.example.com', 'sip.example.com:5060'],
    ['sip.example.com:5099', 'sip.example.com:5099'],
    ['[2001:db8::1]', '[2001:db8::1]:5060'],
    ['[2001:db8::1]:5099', '[2001:db8::1]:5099'],
  ])('SIP_ADVERTISE %s', async (advertise, expected) => {
    const stage = await sent({ advertise });
    expect(stage.endpoint.advertised(stage.toClient)).toBe(expected);
    expect(stage.first.header('Via')).toContain(`UDP ${expected};`);
    await stage.say(answer(stage.first));
    expect(stage.outcomes).toHaveLength(1);
  });
});
