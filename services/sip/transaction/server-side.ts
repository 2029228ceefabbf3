import { type Clock, type Log, type Random, SteadyMap } from '#runtime';
import { writeResponse } from '../grammar/index.ts';
import type { Answer, Flow, Incoming, Malformed, SipRequest } from '../message.ts';
import type { Transport } from '../transport/index.ts';
import { makeCompleted } from './completed.ts';
import { cancelledKeys, mergeKey, transactionKey } from './match.ts';
import { respondTo } from './respond-to.ts';
import { MOST_SERVER_TRANSACTIONS, makeServerTransactions, type ServerTransactions } from './server-non-invite.ts';
import { makeStatelessTag } from './stateless-tag.ts';

/** Requests that come in: which are new, and how their answers go out. */
export interface ServerSide {
  receive(request: SipRequest, flow: Flow, transport: Transport): void;
  /** Answers a malformed request statelessly, if anybody can be answered. */
  refuse(malformed: Malformed, flow: Flow, transport: Transport): void;
  /** How many requests wait for their answer. */
  readonly waiting: number;
  close(): void;
}

export interface ServerSideOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly handle: (incoming: Incoming) => void | Promise<void>;
}

/** RFC 3261 §19.3 asks for 32 bits of randomness; this is 96. */
const TAG_LENGTH = 16;

export function makeServerSide({ clock, log, random, handle }: ServerSideOptions): ServerSide {
  const statelessTag = makeStatelessTag();
  const onUnanswered = (key: string): void => log.warn({ transaction: key }, 'a request was never answered');
  const merging = new SteadyMap<true>();
  const completed = makeCompleted({ clock, limit: MOST_SERVER_TRANSACTIONS });
  const table = (reliable: boolean): ServerTransactions =>
    makeServerTransactions({ clock, reliable, onUnanswered, completed, merging });
  const byDatagram = table(false);
  const byStream = table(true);
  const tableOf = (transport: Transport): ServerTransactions => (transport.reliable ? byStream : byDatagram);

  function answerStateless(request: SipRequest, answer: Answer, flow: Flow, transport: Transport): void {
    const toTag = answer.toTag ?? statelessTag(request);
    transport.send(writeResponse(request, answer, toTag, flow), respondTo(request, flow));
  }

  /** RFC 3261 §9.2: a CANCEL changes nothing for other methods than INVITE, and INVITEs are refused at once. */
  function cancel(request: SipRequest, flow: Flow, transport: Transport): void {
    const found = cancelledKeys(request).some((key) => tableOf(transport).has(key));
    answerStateless(request, { status: found ? 200 : 481 }, flow, transport);
  }

  /** Hands a request over; whatever happens, it is answered. */
  function hand(request: SipRequest, flow: Flow, send: (answer: Answer) => void): void {
    let answered = false;
    const respond = (answer: Answer): void => {
      if (answered) throw new Error(`${request.method} was answered a second time, with ${answer.status}`);
      if (answer.status < 200) throw new Error(`a provisional answer, ${answer.status}, to ${request.method}`);
      send(answer);
      answered = true;
    };
    const failed = (fault: unknown): void => {
      const { method, callId } = request;
      log.error(
        { method, callId, fault: String(fault), stack: (fault as Error | undefined)?.stack },
        'a request failed',
      );
      if (!answered) respond({ status: 500 });
    };
    try {
      const working = handle({ request, flow, receivedAt: clock.now(), respond });
      if (working instanceof Promise) working.catch(failed);
    } catch (fault) {
      failed(fault);
    }
  }

  function begin(request: SipRequest, flow: Flow, transport: Transport): void {
    const transactions = tableOf(transport);
    const key = transactionKey(request);
    const arrival = transactions.arrive(key, mergeKey(request));
    switch (arrival.kind) {
      case 'absorbed':
        return;
      case 'again':
        transport.send(arrival.sent.bytes, arrival.sent.to);
        return;
      case 'merged':
        answerStateless(request, { status: 482 }, flow, transport);
        return;
      case 'new':
        hand(request, flow, (answer) => {
          if (answer.stateless === true) {
            if (transactions.forget(key)) answerStateless(request, answer, flow, transport);
            return;
          }
          const bytes = writeResponse(request, answer, answer.toTag ?? random.token(TAG_LENGTH), flow);
          const to = respondTo(request, flow);
          // RFC 4320 §4.2: after timer F has ended the client's transaction, an answer would only be a stray.
          if (transactions.answer(key, { bytes, to })) transport.send(bytes, to);
        });
        return;
    }
  }

  return {
    receive(request, flow, transport) {
      switch (request.method) {
        case 'ACK':
          return;
        case 'CANCEL':
          cancel(request, flow, transport);
          return;
        case 'INVITE':
          // Refused by everybody who uses this endpoint, so statelessly (RFC 3261 §8.2.7): each copy is answered with the
          // same final answer, timer G is not needed, and the ACK is ignored.
          hand(request, flow, (answer) => answerStateless(request, answer, flow, transport));
          return;
        default:
          begin(request, flow, transport);
      }
    },
    refuse({ request, status, why }, flow, transport) {
      if (request === undefined || request.method === 'ACK') return;
      answerStateless(request, { status, reason: why }, flow, transport);
    },
    get waiting() {
      return byDatagram.trying + byStream.trying;
    },
    close() {
      byDatagram.close();
      byStream.close();
      completed.clear();
    },
  };
}
