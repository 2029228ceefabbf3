import type { Flow, SipRequest } from '../message.ts';

/** Seconds: what RFC 5626 §4.4.1 and §4.4.2 say a client does where nobody tells it. */
const EVERY_BY_DATAGRAM = 29;
const EVERY_BY_STREAM = 120;

const KEEP = /;[ \t]*keep[ \t]*(?=[;,]|$)/i;

/**
 * RFC 6223 §4.4: a peer that is willing to send keep-alives in a dialog is told that we take them, in the answer that makes
 * the dialog. Not in later ones, where it has been agreed or has not (§4.3).
 * @param via the answer's top Via row.
 */
export function grantKeepAlives(via: string, request: SipRequest, status: number, flow: Flow): string {
  if (request.via[0]?.params.get('keep') !== null || !makesDialog(request, status) || via.includes('"')) return via;
  return via.replace(KEEP, `;keep=${flow.transport === 'udp' ? EVERY_BY_DATAGRAM : EVERY_BY_STREAM}`);
}

function makesDialog({ method, to }: SipRequest, status: number): boolean {
  return method === 'SUBSCRIBE' && status >= 200 && status < 300 && !to.params.has('tag');
}
