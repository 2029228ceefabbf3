/**
 * What the transaction layer costs per message, without sockets: `npx tsx --conditions=source bench/micro/transaction.ts`.
 */
import { bench, do_not_optimize, group, run } from 'mitata';
import { type Clock, makeRandom, SteadyMap, silentLog, systemClock } from '#runtime';
import { type Flow, makeEndpoint, readMessage, type Transport } from '#sip';
import { makeClientTransactions, makeCompleted, makeServerTransactions } from '../../services/sip/transaction/index.ts';
import { scanResponse } from '../../services/sip/transaction/scan-response.ts';

/** Nothing becomes due: only the cost of arming is seen. */
const clock: Clock = { now: systemClock.now, after: () => ({ cancel: () => undefined }) };
const flow: Flow = { transport: 'udp', via: 'udp:192.0.2.1:5060', address: '192.0.2.20', port: 5060 };

function makeLoop() {
  let receive: Parameters<Transport['start']>[0] = () => undefined;
  let sent: Uint8Array = new Uint8Array(0);
  const transport: Transport = {
    transport: 'udp',
    reliable: false,
    name: flow.via,
    start(handler) {
      receive = handler;
    },
    send(bytes) {
      sent = bytes;
    },
    localAddress: () => '192.0.2.1:5060',
    close: async () => undefined,
  };
  const endpoint = makeEndpoint({
    transports: [transport],
    clock,
    random: makeRandom(),
    log: silentLog,
    handle: (incoming) => incoming.respond({ status: 200, headers: [['Expires', '600']] }),
  });
  return { endpoint, receive: (bytes: Uint8Array) => receive(bytes, flow), sent: () => sent };
}

const body = '<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:alice@example.com"/>';
const publish = (branch: string): string =>
  [
    'PUBLISH sip:alice@example.com SIP/2.0',
    `Via: SIP/2.0/UDP 192.0.2.20:5060;branch=${branch};rport`,
    'Max-Forwards: 70',
    'From: <sip:alice@example.com>;tag=a',
    'To: <sip:alice@example.com>',
    `Call-ID: ${branch}`,
    'CSeq: 1 PUBLISH',
    'Event: presence',
    'Content-Type: application/pidf+xml',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');

const plain = Buffer.from(
  'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK30897462abcdefghij;rport=5060;received=192.0.2.1\r\n' +
    'From: <sip:alice@example.com>;tag=a\r\nTo: <sip:bob@example.com>;tag=b\r\nCall-ID: watch\r\nCSeq: 1 NOTIFY\r\n' +
    'Server: a phone\r\nContent-Length: 0\r\n\r\n',
);

const head = [
  'Max-Forwards: 70',
  'From: <sip:alice@example.com>;tag=a',
  'To: <sip:bob@example.com>;tag=b',
  'Call-ID: watch',
  'CSeq: 1 NOTIFY',
  'Contact: <sip:192.0.2.1:5060>',
  'Event: presence',
  'Subscription-State: active;expires=600',
  'Content-Type: application/pidf+xml',
  '',
].join('\r\n');

let count = 0;
const next = (): string => {
  count += 1;
  return `z9hG4bK${count}`;
};

group('the state machines alone', () => {
  const completed = makeCompleted({ clock, limit: 100_000 });
  const server = makeServerTransactions({ clock, reliable: false, completed });
  const answer = { bytes: new Uint8Array(300), to: flow };
  bench('server: request and final answer', () => {
    const key = next();
    server.arrive(key, key);
    server.answer(key, answer);
  });
  const client = makeClientTransactions({ clock, onFault: () => undefined });
  const response = { status: 200 } as never;
  bench('client: request and final response', () => {
    const key = next();
    client.begin({ key, reliable: false, transmit: () => undefined }, () => undefined);
    client.receive(key, response);
  });
});

group('two hundred open at a time, one comes and one goes', () => {
  const churn = (map: Pick<Map<string, object>, 'get' | 'delete'> & { set(key: string, value: object): unknown }) => {
    const open = Array.from({ length: 200 }, next);
    for (const key of open) map.set(key, flow);
    let oldest = 0;
    return () => {
      const key = next();
      map.set(key, flow);
      do_not_optimize(map.get(key));
      map.delete(open[oldest] as string);
      open[oldest] = key;
      oldest = (oldest + 1) % open.length;
    };
  };
  bench('Map', churn(new Map<string, object>()));
  bench('SteadyMap', churn(new SteadyMap<object>()));
});

group('a plain 200 to a NOTIFY', () => {
  bench('read in full', () => do_not_optimize(readMessage(plain)));
  bench('picked out', () => do_not_optimize(scanResponse(plain)));
});

group('with reading and writing', () => {
  bench('read a PUBLISH', () => readMessage(Buffer.from(publish(next()))));
  const server = makeLoop();
  bench('read a PUBLISH, answer 200', () => server.receive(Buffer.from(publish(next()))));
  const again = Buffer.from(publish(next()));
  bench('a retransmitted PUBLISH', () => server.receive(again));
  const client = makeLoop();
  const request = { method: 'NOTIFY', uri: 'sip:bob@192.0.2.20', head, body: Buffer.from(body) };
  bench('send a NOTIFY, read its 200', () => {
    client.endpoint.send(request, flow, () => undefined);
    const via = /Via: [^\r]*/.exec(Buffer.from(client.sent()).toString('latin1'))?.[0];
    client.receive(
      Buffer.from(
        `SIP/2.0 200 OK\r\n${via}\r\nFrom: <sip:alice@example.com>;tag=a\r\nTo: <sip:bob@example.com>;tag=b\r\n` +
          'Call-ID: watch\r\nCSeq: 1 NOTIFY\r\nContent-Length: 0\r\n\r\n',
      ),
    );
  });
});

await run();
