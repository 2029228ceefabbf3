/**
 * A socket on which many phones ask a server, in real time: transactions over UDP (RFC 3261 §17.1.2) with digest
 * credentials, and NOTIFYs that are handed to whoever wants them.
 */
import { createHash } from 'node:crypto';
import { DOMAIN, passwordOf, uri } from './processes.ts';
import { openPeerPort } from './udp-port.ts';
import { parameter, readWire, type Wire, writeWire } from './wire.ts';

export interface LoadRequest {
  readonly method: 'PUBLISH' | 'SUBSCRIBE';
  readonly user: string;
  readonly target: string;
  readonly to: string;
  readonly callId: string;
  readonly fromTag: string;
  readonly lines: readonly string[];
  readonly body?: string;
}

export interface LoadClient {
  /** Asks, with credentials as the server wants them. @returns undefined when nothing came in the time of Timer F. */
  ask(request: LoadRequest): Promise<Wire | undefined>;
  /** Nobody waits any more: everything that is under way counts as unanswered. */
  giveUp(): void;
  /** Never the same twice. */
  unique(): string;
  /** The CSeq number of the last request. */
  readonly lastCseq: number;
  readonly retransmissions: number;
  readonly longestAnswerMs: number;
  close(): Promise<void>;
}

const T1_MS = 500;
const T2_MS = 4_000;
const GIVE_UP_MS = 64 * T1_MS;

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

interface Nonce {
  readonly value: string;
  uses: number;
}

/** @param takeNotify answers with a status. */
export async function openLoadClient(
  server: string,
  takeNotify: (notify: Wire) => number | 'again',
): Promise<LoadClient> {
  const transport = await openPeerPort();
  const address = transport.name.replace(/^udp:/, '');
  const [host = '', port = ''] = server.split(':');
  const flow = { transport: 'udp', via: transport.name, address: host, port: Number(port) } as const;

  const nonces = new Map<string, Nonce>();
  const waiting = new Map<string, (response: Wire | undefined) => void>();
  let counter = 0;
  let cseq = 0;
  let retransmissions = 0;
  let longestAnswerMs = 0;

  const unique = (): string => {
    counter += 1;
    return `${counter.toString(36)}-${port}`;
  };

  transport.start((bytes, from) => {
    const wire = readWire(bytes);
    if (wire.method === undefined) {
      if (wire.status >= 200) waiting.get(parameter(wire.header('Via'), 'branch') ?? '')?.(wire);
      return;
    }
    const answer = wire.method === 'NOTIFY' ? takeNotify(wire) : 405;
    if (answer === 'again') retransmissions += 1;
    const status = answer === 'again' ? 200 : answer;
    const copied = (name: string): readonly string[] => wire.headers(name).map((value) => `${name}: ${value}`);
    transport.send(
      writeWire([`SIP/2.0 ${status} Answer`, ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap(copied)]),
      from,
    );
  });

  /** @returns undefined when nothing came in the time of Timer F. */
  function transact(bytes: Uint8Array, branch: string): Promise<Wire | undefined> {
    return new Promise((resolve) => {
      const beganAt = performance.now();
      let intervalMs = T1_MS;
      const again = (): void => {
        if (performance.now() - beganAt >= GIVE_UP_MS) {
          end(undefined);
          return;
        }
        transport.send(bytes, flow);
        retransmissions += 1;
        intervalMs = Math.min(2 * intervalMs, T2_MS);
        timer = setTimeout(again, intervalMs);
      };
      const end = (response: Wire | undefined): void => {
        clearTimeout(timer);
        waiting.delete(branch);
        longestAnswerMs = Math.max(longestAnswerMs, performance.now() - beganAt);
        resolve(response);
      };
      waiting.set(branch, end);
      let timer = setTimeout(again, T1_MS);
      transport.send(bytes, flow);
    });
  }

  function authorization(user: string, method: string, target: string): readonly string[] {
    const nonce = nonces.get(user);
    if (nonce === undefined) return [];
    nonce.uses += 1;
    const nc = nonce.uses.toString(16).padStart(8, '0');
    const ha1 = md5(`${user}:${DOMAIN}:${passwordOf(user)}`);
    const response = md5(`${ha1}:${nonce.value}:${nc}:load:auth:${md5(`${method}:${target}`)}`);
    const parts = [`username="${user}"`, `realm="${DOMAIN}"`, `nonce="${nonce.value}"`, `uri="${target}"`];
    return [
      `Authorization: Digest ${[...parts, `response="${response}"`, 'algorithm=MD5', 'qop=auth', `nc=${nc}`, 'cnonce="load"'].join(', ')}`,
    ];
  }

  async function ask(request: LoadRequest): Promise<Wire | undefined> {
    const { method, user, target } = request;
    for (let tries = 0; ; tries += 1) {
      const branch = `z9hG4bK${unique()}`;
      cseq += 1;
      const lines = [
        `${method} ${target} SIP/2.0`,
        `Via: SIP/2.0/UDP ${address};branch=${branch};rport`,
        'Max-Forwards: 70',
        `From: <${uri(user)}>;tag=${request.fromTag}`,
        `To: ${request.to}`,
        `Call-ID: ${request.callId}`,
        `CSeq: ${cseq} ${method}`,
        `Contact: <sip:${user}@${address}>`,
        'Event: presence',
        ...authorization(user, method, target),
        ...request.lines,
      ];
      const answer = await transact(writeWire(lines, request.body), branch);
      if (answer?.status !== 401 || tries === 2) return answer;
      const value = parameter(answer.header('WWW-Authenticate'), 'nonce') ?? '';
      nonces.set(user, { value, uses: 0 });
    }
  }

  return {
    ask,
    giveUp() {
      for (const end of [...waiting.values()]) end(undefined);
    },
    unique,
    get lastCseq() {
      return cseq;
    },
    get retransmissions() {
      return retransmissions;
    },
    get longestAnswerMs() {
      return longestAnswerMs;
    },
    close: () => transport.close(),
  };
}
