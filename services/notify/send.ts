import type { DialogIdentity } from '#model';
import type { Clock } from '#runtime';
import {
  dialogPrefix,
  type Endpoint,
  type IsKnownHop,
  type Locator,
  makeFindWay,
  type Outcome,
  type SentRequest,
  sendAlong,
  type Way,
} from '#sip';
import type { Drawing, Live } from './live.ts';

export type Send = (live: Live, drawing: Drawing, onOutcome: (outcome: Outcome) => void) => SentRequest;

/**
 * Writes one NOTIFY in the subscription's dialog (RFC 6665 §4.2.2) and hands it to the transport. A new CSeq for each,
 * whatever becomes of it. Nothing is kept for the next one: to make it anew costs no more than keeping it.
 */
export function makeSend(needs: {
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  readonly locator?: Locator;
  readonly isKnownHop?: IsKnownHop;
}): Send {
  const { endpoint, clock } = needs;
  const findWay = makeFindWay(needs);

  return function send(live, drawing, onOutcome) {
    const { dialog } = live.subscription;
    const way = findWay(dialog);
    const cseq = live.nextCseq;
    live.nextCseq += 1;
    if (way instanceof Promise) return sendLater(way, (found) => post(found, dialog, live, drawing, cseq, onOutcome));
    return post(way, dialog, live, drawing, cseq, onOutcome);
  };

  function post(
    way: Way | undefined,
    dialog: DialogIdentity,
    { subscription }: Live,
    drawing: Drawing,
    cseq: number,
    onOutcome: (outcome: Outcome) => void,
  ): SentRequest {
    if (way === undefined) return nowhere(onOutcome, clock);
    const [flow] = way.flows;
    const { uri, prefix } = dialogPrefix(dialog, endpoint.contact(flow));
    const head =
      `${prefix}CSeq: ${cseq} NOTIFY\r\n` +
      `Event: ${eventHeader(subscription.event, subscription.eventId)}\r\n` +
      `Subscription-State: ${stateHeader(drawing, subscription.expiresAt - clock.now())}\r\n` +
      (drawing.body === undefined ? '' : `Content-Type: ${drawing.contentType}\r\n`);
    const request = { method: 'NOTIFY', uri, head, body: drawing.body };
    return way.isUsual ? endpoint.send(request, flow, onOutcome) : sendAlong(endpoint, request, way, onOutcome);
  }
}

/** While a name is looked up nothing is on the wire yet, and what is abandoned then never will be. */
function sendLater<Found>(finding: Promise<Found>, send: (found: Found) => SentRequest): SentRequest {
  let isAbandoned = false;
  let sent: SentRequest | undefined;
  void finding.then((found) => {
    if (!isAbandoned) sent = send(found);
  });
  return {
    abandon() {
      isAbandoned = true;
      sent?.abandon();
    },
  };
}

/** The package as we name it, and the watcher's `id`, echoed (RFC 6665 §4.2.2, §8.2.1). */
export function eventHeader(event: string, eventId: string): string {
  return eventId === '' ? event : `${event};id=${eventId}`;
}

/** RFC 6665 §4.1.3, §8.2.3: `expires` is the time that is left, and is absent once it is over. */
function stateHeader({ state, reason, retryAfter }: Drawing, leftMs: number): string {
  if (state === 'terminated') {
    if (reason === undefined) return state;
    return `${state};reason=${reason}${retryAfter === undefined ? '' : `;retry-after=${retryAfter}`}`;
  }
  return `${state};expires=${Math.max(0, Math.ceil(leftMs / 1000))}`;
}

/** A damaged row: nobody can be reached by it, which is found out as for any watcher that does not answer. */
function nowhere(onOutcome: (outcome: Outcome) => void, clock: Clock): SentRequest {
  const timer = clock.after(0, () => onOutcome({ kind: 'timeout' }));
  return { abandon: () => timer.cancel() };
}
