import type { Clock, Log, Random } from '#runtime';
import { writeRequest } from '../grammar/index.ts';
import type { Endpoint, Flow, Outcome, OutgoingRequest, SentRequest, SipResponse } from '../message.ts';
import { hostPort, type OnFailure, type Transport } from '../transport/index.ts';
import { type ClientRequest, makeClientTransactions } from './client-non-invite.ts';
import { LARGE_BYTES, makeLargeRequests } from './large-requests.ts';
import { inLowerCase, responseKey } from './match.ts';
import { readLater, scanResponse } from './scan-response.ts';

/** Requests of ours: their Via, their way out, and the responses that belong to them. */
export interface ClientSide {
  readonly send: Endpoint['send'];
  /** Takes a plain 200 from its bytes. @returns false when it must be read in full, and is no such thing perhaps. */
  receivePlain(bytes: Uint8Array): boolean;
  receive(response: SipResponse): void;
  close(): void;
}

export interface ClientSideOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  transportOf(flow: Flow): Transport | undefined;
  /** A listening point for streams of the family of a datagram's flow. */
  streamBeside(flow: Flow): Transport | undefined;
  advertised(flow: Flow): string;
}

/** RFC 3261 §8.1.1.7's cookie and 96 random bits: unique, and nobody off the path can forge a response. */
const COOKIE = 'z9hG4bK';
const BRANCH_LENGTH = 16;
/** RFC 3261 §18.1.1. */
const DEFAULT_PORT = 5060;

const PROTOCOLS: Readonly<Record<Flow['transport'], string>> = {
  udp: 'SIP/2.0/UDP',
  tcp: 'SIP/2.0/TCP',
  tls: 'SIP/2.0/TLS',
  ws: 'SIP/2.0/WS',
  wss: 'SIP/2.0/WSS',
};

/** A request with the Via of one flow, ready for its transaction. A class, because there is one for each NOTIFY. */
class Written implements ClientRequest {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly flow: Flow;
  readonly #transport: Transport | undefined;

  /** @param transport undefined where there is none any more that the flow could go by. */
  constructor(key: string, bytes: Uint8Array, flow: Flow, transport: Transport | undefined) {
    this.key = key;
    this.bytes = bytes;
    this.flow = flow;
    this.#transport = transport;
  }

  get reliable(): boolean {
    return this.#transport?.reliable ?? true;
  }

  transmit(onFailure: OnFailure): void {
    if (this.#transport !== undefined) this.#transport.send(this.bytes, this.flow, onFailure);
    else queueMicrotask(() => onFailure(`no listening point ${this.flow.via}`));
  }

  settled(onFailure: OnFailure): void {
    this.#transport?.forget?.(onFailure);
  }
}

export function makeClientSide(options: ClientSideOptions): ClientSide {
  const { clock, log, random, transportOf, advertised } = options;
  const onFault = (fault: unknown): void =>
    log.error({ fault: String(fault), stack: (fault as Error | undefined)?.stack }, 'an outcome could not be taken');
  const transactions = makeClientTransactions({ clock, onFault });
  let isClosed = false;
  const large = makeLargeRequests({ clock, streamBeside: options.streamBeside });

  function take(key: string, response: SipResponse): void {
    if (transactions.receive(key, response) !== 'stray') return;
    log.debug({ status: response.status, method: response.cseq.method }, 'a stray response');
  }

  function write(request: OutgoingRequest, flow: Flow): Written {
    const branch = COOKIE + random.token(BRANCH_LENGTH);
    const sentBy = advertised(flow);
    const bytes = writeRequest(request, `Via: ${PROTOCOLS[flow.transport]} ${sentBy};branch=${branch};rport`);
    return new Written(responseKey(`${branch} ${inLowerCase(sentBy)}`, request.method), bytes, flow, transportOf(flow));
  }

  function beginLarge(request: OutgoingRequest, written: Written, onOutcome: (outcome: Outcome) => void): SentRequest {
    const way = large.way(written.flow);
    if (way === undefined) return transactions.begin(written, onOutcome);
    if (!(way instanceof Promise)) return transactions.begin(write(request, way), onOutcome);
    let isAbandoned = false;
    let sent: SentRequest | undefined;
    void way.then((byStream) => {
      if (!isAbandoned && !isClosed)
        sent = transactions.begin(byStream === undefined ? written : write(request, byStream), onOutcome);
    });
    return {
      abandon() {
        isAbandoned = true;
        sent?.abandon();
      },
    };
  }

  return {
    send(request, flow, onOutcome): SentRequest {
      const written = write(request, flow);
      const isLarge = written.bytes.length > LARGE_BYTES && flow.transport === 'udp';
      return isLarge ? beginLarge(request, written, onOutcome) : transactions.begin(written, onOutcome);
    },
    receivePlain(bytes) {
      const scanned = scanResponse(bytes);
      if (scanned === undefined) return false;
      const { branch, sentBy, method } = scanned;
      take(responseKey(`${branch} ${sentBy}`, method), readLater(bytes, scanned));
      return true;
    },
    receive(response) {
      const [via, another] = response.via;
      const branch = via?.params.get('branch');
      // RFC 3261 §8.1.3.3: with a second Via it was meant for somebody else.
      if (via === undefined || another !== undefined || branch === undefined || branch === null) return;
      // RFC 3261 §18.1.2: a response whose sent-by is not what we wrote is not ours, so it is part of the key.
      const sentBy = hostPort(via.host, via.port ?? DEFAULT_PORT).toLowerCase();
      take(responseKey(`${branch} ${sentBy}`, response.cseq.method), response);
    },
    close() {
      isClosed = true;
      transactions.close();
    },
  };
}
