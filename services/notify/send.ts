import type { DialogIdentity } from '#model';
import type { Clock } from '#runtime';
import {
  type DialogPrefix,
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

/** What a NOTIFY begins with, and where it goes. */
interface Envelope extends DialogPrefix {
  readonly way: Way;
}

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

  function addressed({ subscription: { dialog } }: Live): Envelope | undefined | Promise<Envelope | undefined> {
    const way = findWay(dialog);
    return way instanceof Promise ? way.then((found) => envelope(dialog, found)) : envelope(dialog, way);
  }

  function envelope(dialog: DialogIdentity, way: Way | undefined): Envelope | undefined {
    if (way === undefined) return undefined;
    const { uri, prefix } = dialogPrefix(dialog, endpoint.contact(way.flows[0]));
    return { uri, prefix, way };
  }

  return function send(live, drawing, onOutcome) {
    const found = addressed(live);
    const cseq = live.nextCseq;
    live.nextCseq += 1;
    if (found instanceof Promise) return sendLater(found, (late) => post(late, live, drawing, cseq, onOutcome));
    return post(found, live, drawing, cseq, onOutcome);
  };

  function post(
    to: Envelope | undefined,
    { subscription }: Live,
    drawing: Drawing,
    cseq: number,
    onOutcome: (outcome: Outcome) => void,
  ): SentRequest {
    if (to === undefined) return nowhere(onOutcome, clock);
    const head =
      `${to.prefix}CSeq: ${cseq} NOTIFY\r\n` +
      `Event: ${eventHeader(subscription.event, subscription.eventId)}\r\n` +
      `Subscription-State: ${stateHeader(drawing, subscription.expiresAt - clock.now())}\r\n` +
      (drawing.body === undefined ? '' : `Content-Type: ${drawing.contentType}\r\n`);
    const request = { method: 'NOTIFY', uri: to.uri, head, body: drawing.body };
    if (to.way.isUsual) return endpoint.send(request, to.way.flows[0], onOutcome);
    return sendAlong(endpoint, request, to.way, onOutcome);
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
