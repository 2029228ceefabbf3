import type { Log } from '#runtime';
import { type Incoming, isRefusal, type Refusal, refuse } from '#sip';
import { StoreUnavailable } from '#store';
import type { Answered } from './walk.ts';

/** Seconds after which a client may try again what the database could not take. */
const RETRY_AFTER = 5;

/**
 * Runs one request's walk and sends its one answer: the refusal, the answer, 503 while the database is away, 500 for a
 * fault, which is logged and costs this request alone.
 */
export async function receive(incoming: Incoming, log: Log, run: () => Promise<Answered | Refusal>): Promise<void> {
  const ended = await run().catch((fault: unknown) => refuseFault(fault, incoming, log));
  if (isRefusal(ended)) {
    incoming.respond(ended.refused);
    return;
  }
  incoming.respond(ended.answer);
  ended.afterwards?.();
}

function refuseFault(fault: unknown, incoming: Incoming, log: Log): Refusal {
  const { method, callId } = incoming.request;
  if (fault instanceof StoreUnavailable) {
    log.warn({ method, callId, why: fault.message }, 'the database is away: request refused');
    return refuse(503, [['Retry-After', String(RETRY_AFTER)]]);
  }
  log.error({ method, callId, fault: fault instanceof Error ? fault.stack : String(fault) }, 'request failed');
  return refuse(500);
}
