import type { Clock } from '#runtime';
import { dialogPrefix, type Endpoint, type IsKnownHop, type Outcome, type SentRequest, whereTo } from '#sip';
import type { Drawing, Envelope, Live } from './live.ts';

export type Send = (live: Live, drawing: Drawing, onOutcome: (outcome: Outcome) => void) => SentRequest;

/**
 * Writes one NOTIFY in the subscription's dialog (RFC 6665 §4.2.2) and hands it to the transport. The part that is the
 * same for all NOTIFYs of a dialog is made once. A new CSeq for each, whatever becomes of it.
 */
export function makeSend(needs: {
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  readonly isKnownHop?: IsKnownHop;
}): Send {
  const { endpoint, clock } = needs;

  function envelopeOf(live: Live): Envelope | undefined {
    const { dialog } = live.subscription;
    if (live.envelope?.dialog === dialog) return live.envelope;
    const flow = whereTo(dialog, needs.isKnownHop);
    if (flow === undefined) return undefined;
    const { uri, prefix } = dialogPrefix(dialog, endpoint.contact(flow));
    live.envelope = { dialog, flow, uri, prefix };
    return live.envelope;
  }

  return function send(live, drawing, onOutcome) {
    const { subscription } = live;
    const envelope = envelopeOf(live);
    const cseq = live.nextCseq;
    live.nextCseq += 1;
    if (envelope === undefined) return nowhere(onOutcome, clock);
    const head =
      `${envelope.prefix}CSeq: ${cseq} NOTIFY\r\n` +
      `Event: ${eventHeader(subscription.event, subscription.eventId)}\r\n` +
      `Subscription-State: ${stateHeader(drawing, subscription.expiresAt - clock.now())}\r\n` +
      (drawing.body === undefined ? '' : `Content-Type: ${drawing.contentType}\r\n`);
    return endpoint.send({ method: 'NOTIFY', uri: envelope.uri, head, body: drawing.body }, envelope.flow, onOutcome);
  };
}

/** The package as we name it, and the watcher's `id`, echoed (RFC 6665 §4.2.2, §8.2.1). */
export function eventHeader(event: string, eventId: string): string {
  return eventId === '' ? event : `${event};id=${eventId}`;
}

/** RFC 6665 §4.1.3, §8.2.3: `expires` is the time that is left, and is absent once it is over. */
function stateHeader({ state, reason }: Drawing, leftMs: number): string {
  if (state === 'terminated') return reason === undefined ? state : `${state};reason=${reason}`;
  return `${state};expires=${Math.max(0, Math.ceil(leftMs / 1000))}`;
}

/** A damaged row: nobody can be reached by it, which is found out as for any watcher that does not answer. */
function nowhere(onOutcome: (outcome: Outcome) => void, clock: Clock): SentRequest {
  const timer = clock.after(0, () => onOutcome({ kind: 'timeout' }));
  return { abandon: () => timer.cancel() };
}
