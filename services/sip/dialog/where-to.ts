import { isIP, isIPv6 } from 'node:net';
import { readNameAddr, readUri } from '../grammar/index.ts';
import { isSameAddress } from '../ip-address.ts';
import { type Flow, readFlow, type SipUri } from '../message.ts';
import type { DialogState } from './dialog.ts';

/** RFC 3261 §19.1.2. */
const DEFAULT_PORT = 5060;

/**
 * Where a request of ours in a dialog goes: to the first hop of the route set if that is an IP address we can reach by the
 * same listening point, and either the very address that the peer's request came from, whatever its port, or a hop that the
 * operator knows; else back over the flow that the peer's request came by. A Record-Route is the peer's word: whoever may
 * ask must not aim what we send at a third party by it. A proxy that records another address than it sends from is reached
 * over the flow all the same. The Contact is not dialled: behind a NAT it is a private address, while the flow is open
 * (RFC 3581 for answers; the same holes serve). Names are {@link makeFindWay}'s; `maddr` is not followed.
 *
 * A stream is bound to its connection. When that is gone, another may be opened to where the peer says that it listens, if that
 * is the very address it spoke from: to anywhere else the peer is behind a NAT, or means somebody else.
 * @param isKnownHop whether requests may go to this IP address because somebody's Record-Route says so.
 * @returns undefined when the dialog's flow cannot be read: a damaged row.
 */
export function whereTo(
  dialog: Pick<DialogState, 'routeSet' | 'remoteTarget' | 'flow'>,
  isKnownHop: IsKnownHop = () => false,
): Flow | undefined {
  const flow = readFlow(dialog.flow);
  if (flow === undefined) return undefined;
  const hop = dialog.routeSet[0];
  if (hop === undefined && flow.transport === 'udp') return flow;
  const uri = readUri(hop === undefined ? dialog.remoteTarget : (readNameAddr(hop)?.uri ?? ''));
  if (uri === undefined || !isReachedLike(uri, flow)) return flow;
  const port = uri.port ?? DEFAULT_PORT;
  const isWhereItCameFrom = isSameAddress(uri.host, flow.address);
  if (flow.transport !== 'udp' && isWhereItCameFrom) return { ...flow, reopen: port };
  if (hop === undefined || !(isWhereItCameFrom || isKnownHop(uri.host))) return flow;
  return { transport: flow.transport, via: flow.via, address: uri.host, port };
}

/** @param address an IP address, without brackets. */
export type IsKnownHop = (address: string) => boolean;

/** An IP address of the same family and by the same transport. */
function isReachedLike(uri: SipUri, flow: Flow): boolean {
  return isIP(uri.host) !== 0 && isBy(uri, flow) && isIPv6(uri.host) === isIPv6(flow.address);
}

function isBy({ scheme, params }: SipUri, { transport }: Flow): boolean {
  return scheme === 'sip' && (params.get('transport') ?? 'udp').toLowerCase() === transport;
}
