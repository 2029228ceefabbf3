/** One endpoint and one bare wire to it: what a clause needs to be looked at. */
import { type Answer, type Endpoint, type Flow, type Incoming, makeEndpoint } from '#sip';
import { makeFakeClock } from '../../support/fake-clock.ts';
import { makeNetwork, makeSeededRandom } from '../../support/network.ts';
import { readWire, type Wire } from '../../support/wire.ts';

export const SERVER = '192.0.2.1:5060';
export const CLIENT = '192.0.2.20:5060';

export interface StageOptions {
  /** What the handler does; answers 200 unless told otherwise. */
  readonly handle?: (incoming: Incoming) => void | Promise<void>;
  readonly advertise?: string;
}

export function makeStage({ handle = (incoming) => incoming.respond({ status: 200 }), advertise }: StageOptions = {}) {
  const clock = makeFakeClock();
  const network = makeNetwork({ clock });
  const logged: { level: string; message: string }[] = [];
  const write = (level: string) => (_fields: object, message: string) => void logged.push({ level, message });
  const log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => log,
  };
  const handled: Incoming[] = [];
  const transport = network.plug(SERVER);
  const endpoint: Endpoint = makeEndpoint({
    transports: [transport],
    clock,
    random: makeSeededRandom(7),
    log,
    advertise,
    handle(incoming) {
      handled.push(incoming);
      return handle(incoming);
    },
  });
  const client = network.plug(CLIENT);
  const received: Wire[] = [];
  client.start((bytes) => void received.push(readWire(bytes)));
  const toServer: Flow = { transport: 'udp', via: client.name, address: '192.0.2.1', port: 5060 };
  const toClient: Flow = { transport: 'udp', via: transport.name, address: '192.0.2.20', port: 5060 };

  return {
    clock,
    network,
    endpoint,
    handled,
    received,
    logged,
    toClient,
    /** Puts it on the wire, and gives what came back after 10 ms. */
    async say(text: string | Uint8Array): Promise<readonly Wire[]> {
      const before = received.length;
      client.send(typeof text === 'string' ? Buffer.from(text, 'utf8') : text, toServer);
      await clock.advance(10);
      return received.slice(before);
    },
  };
}

export interface RequestParts {
  readonly method?: string;
  readonly uri?: string;
  readonly via?: string;
  readonly branch?: string;
  readonly from?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly lines?: readonly string[];
  readonly body?: string;
}

let branches = 0;

export function request(parts: RequestParts = {}): string {
  branches += 1;
  const { method = 'PUBLISH', uri = 'sip:alice@example.com', branch = `z9hG4bKtest${branches}`, body = '' } = parts;
  return [
    `${method} ${uri} SIP/2.0`,
    parts.via ?? `Via: SIP/2.0/UDP ${CLIENT};branch=${branch};rport`,
    'Max-Forwards: 70',
    parts.from ?? 'From: <sip:alice@example.com>;tag=alices',
    parts.to ?? 'To: <sip:alice@example.com>',
    `Call-ID: ${parts.callId ?? `call-${branches}`}`,
    `CSeq: ${parts.cseq ?? 1} ${method}`,
    ...(parts.lines ?? []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

export const respondLater = () => {
  const waiting: Incoming[] = [];
  return {
    handle: (incoming: Incoming) => void waiting.push(incoming),
    answer: (answer: Answer) => waiting.shift()?.respond(answer),
  };
};
