import type { Clock, Log, Random } from '#runtime';
import { type Incoming, isRefusal, type Refusal, refuse } from '#sip';
import { StoreUnavailable } from '#store';
import { makeRetryAfter } from './retry-after.ts';
import type { Answered } from './walk.ts';

/** An outage refuses every request; it is said once, and then this often, with their number. */
const SAY_EVERY_MS = 60_000;

/**
 * Runs one request's walk and sends its one answer: the refusal, the answer, 503 while the database is away, 500 for a
 * fault, which is logged and costs this request alone.
 */
export type Receive = (incoming: Incoming, run: () => Ended | Promise<Ended>) => void | Promise<void>;

type Ended = Answered | Refusal;

function answer(incoming: Incoming, ended: Ended): void {
  if (isRefusal(ended)) {
    incoming.respond(ended.refused);
    return;
  }
  incoming.respond(ended.answer);
  ended.afterwards?.();
}

export function makeReceive(needs: { readonly log: Log; readonly clock: Clock; readonly random: Random }): Receive {
  const { log, clock } = needs;
  const retryAfter = makeRetryAfter(needs.random);
  let refusedSince = 0;
  let saidAt = Number.NEGATIVE_INFINITY;

  function unavailable(fault: StoreUnavailable): Refusal {
    refusedSince += 1;
    if (clock.now() - saidAt >= SAY_EVERY_MS) {
      log.warn({ why: fault.message, requests: refusedSince }, 'the database is away: requests are refused');
      saidAt = clock.now();
      refusedSince = 0;
    }
    return refuse(503, [['Retry-After', retryAfter()]]);
  }

  function refuseFault(fault: unknown, incoming: Incoming): Refusal {
    if (fault instanceof StoreUnavailable) return unavailable(fault);
    const { method, callId } = incoming.request;
    log.error({ method, callId, fault: fault instanceof Error ? fault.stack : String(fault) }, 'request failed');
    return refuse(500);
  }

  return function receive(incoming, run) {
    let ended: Ended | Promise<Ended>;
    try {
      ended = run();
    } catch (fault) {
      ended = refuseFault(fault, incoming);
    }
    if (!(ended instanceof Promise)) return answer(incoming, ended);
    return ended.catch((fault: unknown) => refuseFault(fault, incoming)).then((late) => answer(incoming, late));
  };
}
