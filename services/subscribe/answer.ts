import {
  type Answered,
  type Authenticated,
  allowEvents,
  authenticationInfo,
  type ExpiryGranted,
  type TrustedPeers,
} from '#gate';
import type { Desk } from '#notify';
import type { Registry } from '#packages';
import { type Endpoint, type Field, type Incoming, whereTo } from '#sip';
import type { Begun } from './begin.ts';

/**
 * RFC 6665 §4.2.1: 200, never 202, with the granted Expires; then, at once, a NOTIFY (§4.2.1.2). The answer that makes a
 * dialog copies Record-Route (RFC 3261 §12.1.1) and names the packages (RFC 6665 §4.4.4).
 */
export function makeAnswerSubscribe(needs: {
  readonly desk: Desk;
  readonly endpoint: Endpoint;
  readonly registry: Registry;
  readonly trusted?: TrustedPeers;
}) {
  return function answerSubscribe(known: Incoming & Authenticated & ExpiryGranted & Begun): Answered {
    const { request, expires, live } = known;
    const { dialog } = live.subscription;
    const routes = request.headers.all('record-route').map((value): Field => ['Record-Route', value]);
    const packages = request.to.params.has('tag') ? [] : allowEvents(needs.registry);
    const contact = `<${needs.endpoint.contact(whereTo(dialog, needs.trusted?.has) ?? known.flow)}>`;
    return {
      answer: {
        status: 200,
        toTag: dialog.localTag,
        headers: [
          ...routes,
          ['Contact', contact],
          ['Expires', String(expires)],
          ...packages,
          ...authenticationInfo(known),
        ],
      },
      afterwards: () => {
        if (expires === 0) needs.desk.end(live, 'timeout', true);
        else needs.desk.ask(live, 'request');
      },
    };
  };
}
