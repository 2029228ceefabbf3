import { type Clock, detached } from '#runtime';
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
import { type Drawing, type Envelope, type Live, sinceMs } from './live.ts';

/** To make an envelope costs a few microseconds; one that is kept for longer than this costs the garbage collector as much. */
const NEAR_MS = 2_000;

export type Send = (live: Live, drawing: Drawing, onOutcome: (outcome: Outcome) => void) => SentRequest;

/**
 * Writes one NOTIFY in the subscription's dialog (RFC 6665 §4.2.2) and hands it to the transport. The part that is the
 * same for all NOTIFYs of a dialog is made once. A new CSeq for each, whatever becomes of it.
 */
export function makeSend(needs: {
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  readonly locator?: Locator;
  readonly isKnownHop?: IsKnownHop;
}): Send {
  const { endpoint, clock } = needs;
  const findWay = makeFindWay(needs);

  function envelopeOf(live: Live): Envelope | undefined | Promise<Envelope | undefined> {
    const { dialog } = live.subscription;
    if (live.envelope?.dialog === dialog) return live.envelope;
    const way = findWay(dialog);
    return way instanceof Promise ? way.then((found) => seal(live, dialog, found)) : seal(live, dialog, way);
  }

  function seal(live: Live, dialog: Envelope['dialog'], way: Way | undefined): Envelope | undefined {
    if (way === undefined) return undefined;
    const [flow] = way.flows;
    const { uri, prefix } = dialogPrefix(dialog, endpoint.contact(flow));
    // Kept where the next one is near, which it may be if the last one was; in one piece, or what it was put together of would be kept beside it.
    const keeps = way.isPassing !== true && sinceMs(live.toldAt, clock.now()) < NEAR_MS;
    const made = { dialog, flow, uri, prefix: keeps ? detached(prefix) : prefix };
    const envelope: Envelope = way.isUsual ? made : { ...made, way };
    if (keeps) live.envelope = envelope;
    return envelope;
  }

  return function send(live, drawing, onOutcome) {
    const envelope = envelopeOf(live);
    const cseq = live.nextCseq;
    live.nextCseq += 1;
    if (envelope instanceof Promise) return sendLater(envelope, (found) => post(found, live, drawing, cseq, onOutcome));
    return post(envelope, live, drawing, cseq, onOutcome);
  };

  function post(
    envelope: Envelope | undefined,
    { subscription }: Live,
    drawing: Drawing,
    cseq: number,
    onOutcome: (outcome: Outcome) => void,
  ): SentRequest {
    if (envelope === undefined) return nowhere(onOutcome, clock);
    const head =
      `${envelope.prefix}CSeq: ${cseq} NOTIFY\r\n` +
      `Event: ${eventHeader(subscription.event, subscription.eventId)}\r\n` +
      `Subscription-State: ${stateHeader(drawing, subscription.expiresAt - clock.now())}\r\n` +
      (drawing.body === undefined ? '' : `Content-Type: ${drawing.contentType}\r\n`);
    const request = { method: 'NOTIFY', uri: envelope.uri, head, body: drawing.body };
    if (envelope.way === undefined) return endpoint.send(request, envelope.flow, onOutcome);
    return sendAlong(endpoint, request, envelope.way, onOutcome);
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
