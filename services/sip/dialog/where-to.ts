import { isIP, isIPv6 } from 'node:net';
import { readNameAddr, readUri } from '../grammar/index.ts';
import { isSameAddress } from '../ip-address.ts';
import { type Flow, readFlow, type SipUri } from '../message.ts';
import type { DialogState } from './dialog.ts';

/** RFC 3261 §19.1.2. */
const DEFAULT_PORT = 5060;

/**
 * Where a request of ours in a dialog goes: to the first hop of the route set if that is an IP address we can reach by the
 * same listening point, else back over the flow that the peer's request came by. The Contact is not dialled: behind a NAT
 * it is a private address, while the flow is open (RFC 3581 for answers; the same holes serve). Names (RFC 3263) are not
 * looked up yet; `maddr` is not followed: nobody aims our requests at a third party by it.
 *
 * A stream is bound to its connection. When that is gone, another may be opened to where the peer says that it listens, if that
 * is the very address it spoke from: to anywhere else the peer is behind a NAT, or means somebody else.
 * @returns undefined when the dialog's flow cannot be read: a damaged row.
 */
export function whereTo(dialog: Pick<DialogState, 'routeSet' | 'remoteTarget' | 'flow'>): Flow | undefined {
  const flow = readFlow(dialog.flow);
  if (flow === undefined) return undefined;
  const hop = dialog.routeSet[0];
  if (hop === undefined && flow.transport === 'udp') return flow;
  const uri = readUri(hop === undefined ? dialog.remoteTarget : (readNameAddr(hop)?.uri ?? ''));
  if (uri === undefined || !isReachedLike(uri, flow)) return flow;
  const port = uri.port ?? DEFAULT_PORT;
  if (flow.transport !== 'udp' && isSameAddress(uri.host, flow.address)) return { ...flow, reopen: port };
  return hop === undefined ? flow : { transport: flow.transport, via: flow.via, address: uri.host, port };
}

/** An IP address of the same family and by the same transport. */
function isReachedLike({ scheme, host, params }: SipUri, flow: Flow): boolean {
  if (scheme !== 'sip' || isIP(host) === 0) return false;
  if ((params.get('transport') ?? 'udp').toLowerCase() !== flow.transport) return false;
  return isIPv6(host) === isIPv6(flow.address);
}
