import type { Endpoint, Flow, Outcome, OutgoingRequest, SentRequest } from '../message.ts';
import type { Way } from './find-way.ts';

/**
 * Sends a request by the first flow of a way that leads anywhere: after a failure to send, silence, or 503 the next is tried
 * in a transaction of its own (RFC 3263 §4.3). `onOutcome` is told the last one's, once.
 */
export function sendAlong(
  endpoint: Pick<Endpoint, 'send'>,
  request: OutgoingRequest,
  { flows: [first, ...others], more }: Way,
  onOutcome: (outcome: Outcome) => void,
): SentRequest {
  let left: readonly Flow[] = others;
  let askMore = more;
  let isAbandoned = false;
  let sent = endpoint.send(request, first, ended);

  function ended(outcome: Outcome): void {
    if (isAbandoned) return;
    const [next, ...rest] = left;
    if (!isFailure(outcome)) onOutcome(outcome);
    else if (next !== undefined) {
      left = rest;
      sent = endpoint.send(request, next, ended);
    } else if (askMore !== undefined && outcome.kind === 'unreachable') {
      const ask = askMore;
      askMore = undefined;
      void ask().then((found) => {
        left = found;
        ended(outcome);
      });
    } else onOutcome(outcome);
  }

  return {
    abandon() {
      isAbandoned = true;
      sent.abandon();
    },
  };
}

function isFailure(outcome: Outcome): boolean {
  return outcome.kind !== 'response' || outcome.response.status === 503;
}
