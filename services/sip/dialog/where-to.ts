import { isIP, isIPv6 } from 'node:net';
import { readNameAddr, readUri } from '../grammar/index.ts';
import { type Flow, readFlow } from '../message.ts';
import type { DialogState } from './dialog.ts';

/** RFC 3261 §19.1.2. */
const DEFAULT_PORT = 5060;

/**
 * Where a request of ours in a dialog goes: to the first hop of the route set if that is an IP address we can reach by the
 * same listening point, else back over the flow that the peer's request came by. The Contact is not dialled: behind a NAT
 * it is a private address, while the flow is open (RFC 3581 for answers; the same holes serve). Names (RFC 3263) are not
 * looked up yet; `maddr` is not followed: nobody aims our requests at a third party by it.
 * @returns undefined when the dialog's flow cannot be read: a damaged row.
 */
export function whereTo(dialog: Pick<DialogState, 'routeSet' | 'flow'>): Flow | undefined {
  const flow = readFlow(dialog.flow);
  const hop = dialog.routeSet[0];
  if (flow === undefined || hop === undefined) return flow;
  const uri = readUri(readNameAddr(hop)?.uri ?? '');
  if (uri === undefined || uri.scheme !== 'sip' || isIP(uri.host) === 0) return flow;
  if ((uri.params.get('transport') ?? 'udp').toLowerCase() !== flow.transport) return flow;
  if (isIPv6(uri.host) !== isIPv6(flow.address.replace(/%.*$/, ''))) return flow;
  return { ...flow, address: uri.host, port: uri.port ?? DEFAULT_PORT };
}
