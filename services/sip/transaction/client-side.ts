import type { Clock, Log, Random } from '#runtime';
import { writeRequest } from '../grammar/index.ts';
import type { Endpoint, Flow, SentRequest, SipResponse } from '../message.ts';
import { hostPort, type Transport } from '../transport/index.ts';
import { makeClientTransactions } from './client-non-invite.ts';
import { responseKey } from './match.ts';
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
  advertised(flow: Flow): string;
}

/** RFC 3261 §8.1.1.7's cookie and 132 random bits: unique, and nobody off the path can forge a response. */
const COOKIE = 'z9hG4bK';
const BRANCH_LENGTH = 22;
/** RFC 3261 §18.1.1. */
const DEFAULT_PORT = 5060;

export function makeClientSide({ clock, log, random, transportOf, advertised }: ClientSideOptions): ClientSide {
  const onFault = (fault: unknown): void =>
    log.error({ fault: String(fault), stack: (fault as Error | undefined)?.stack }, 'an outcome could not be taken');
  const transactions = makeClientTransactions({ clock, onFault });

  function take(key: string, response: SipResponse): void {
    if (transactions.receive(key, response) !== 'stray') return;
    log.debug({ status: response.status, method: response.cseq.method }, 'a stray response');
  }

  return {
    send(request, flow, onOutcome): SentRequest {
      const branch = COOKIE + random.token(BRANCH_LENGTH);
      const transport = transportOf(flow);
      const sentBy = advertised(flow);
      const via = `Via: SIP/2.0/${flow.transport.toUpperCase()} ${sentBy};branch=${branch};rport`;
      const bytes = writeRequest(request, via);
      return transactions.begin(
        {
          key: responseKey(`${branch} ${sentBy.toLowerCase()}`, request.method),
          reliable: transport?.reliable ?? true,
          transmit(onFailure) {
            if (transport !== undefined) transport.send(bytes, flow, onFailure);
            else queueMicrotask(() => onFailure(`no listening point ${flow.via}`));
          },
        },
        onOutcome,
      );
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
    close: () => transactions.close(),
  };
}
