import type { Flow, SipRequest } from '../message.ts';

/** RFC 3261 §18.2.2. */
const DEFAULT_PORT = 5060;

/**
 * Where the answer to a request goes (RFC 3261 §18.2.2, RFC 3581 §4): a stream takes it back itself,
 * and where it is gone, one to the source address at the Via's port; by datagram it goes to the source address, and to the source port if the top Via asks for that by `rport`, else to the Via's port. So it always
 * goes to the address that the request came from: `maddr` is not followed and no Via host is ever looked up, or strangers
 * could aim our answers at third parties.
 */
export function respondTo(request: SipRequest, flow: Flow): Flow {
  const via = request.via[0];
  if (flow.transport !== 'udp') return { ...flow, reopen: via?.port ?? DEFAULT_PORT };
  if (via === undefined || via.params.has('rport')) return flow;
  const port = via.port ?? DEFAULT_PORT;
  return port === flow.port ? flow : { ...flow, port };
}
