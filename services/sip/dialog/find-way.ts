import { isIP, isIPv6 } from 'node:net';
import { readNameAddr, readUri } from '../grammar/index.ts';
import { isSameAddress } from '../ip-address.ts';
import type { Flow, SipUri } from '../message.ts';
import type { Locator, Target } from '../resolve/index.ts';
import type { DialogState } from './dialog.ts';
import { type IsKnownHop, whereTo } from './where-to.ts';

/** Where a request of ours in a dialog goes. */
export interface Way {
  /** Tried in this order (RFC 3263 §4.3); never empty. */
  readonly flows: readonly [Flow, ...Flow[]];
  /** Asked when none of them could be reached: the DNS is not troubled for a connection that is there. */
  readonly more?: () => Promise<readonly Flow[]>;
  /** Back over the flow, and nothing else. */
  readonly isUsual: boolean;
}

export type FindWay = (dialog: Place) => Way | undefined | Promise<Way | undefined>;

type Place = Pick<DialogState, 'routeSet' | 'remoteTarget' | 'flow'>;

/** A request in a dialog is not tried for hours. */
const MOST_WAYS = 3;

/**
 * {@link whereTo}, and where that names a hop or a target by its name, RFC 3263: the name leads only to where an address
 * in its place would have led, to the very address that the peer's request came from, or to a hop that the operator knows.
 * So nobody who may ask can aim what we send at a third party by a name; one that leads elsewhere, or nowhere, leads back
 * over the flow.
 * @returns undefined when the dialog's flow cannot be read: a damaged row.
 */
export function makeFindWay(needs: { readonly locator?: Locator; readonly isKnownHop?: IsKnownHop }): FindWay {
  const { locator, isKnownHop = () => false } = needs;

  return function findWay(dialog) {
    const flow = whereTo(dialog, isKnownHop);
    if (flow === undefined) return undefined;
    const usual: Way = { flows: [flow], isUsual: true };
    const uri = locator === undefined ? undefined : namedHop(dialog, flow);
    if (locator === undefined || uri === undefined) return usual;
    const family = isIPv6(flow.address) ? 6 : 4;
    const allowed = (targets: readonly Target[]): readonly Flow[] => flowsTo(targets, flow, isKnownHop);
    if (flow.transport !== 'udp')
      return { flows: [flow], isUsual: false, more: async () => allowed(await locator.find(uri, family)) };
    const found = locator.find(uri, family);
    const choose = (targets: readonly Target[]): Way => {
      const [first, ...others] = allowed(targets);
      return first === undefined ? usual : { flows: [first, ...others], isUsual: false };
    };
    return found instanceof Promise ? found.then(choose) : choose(found);
  };
}

/** The first hop, or for a stream the peer itself, when that is a name. By datagram the flow is how the peer is reached. */
function namedHop({ routeSet, remoteTarget }: Place, { transport, connection }: Flow): SipUri | undefined {
  const [hop] = routeSet;
  if (hop === undefined && (transport === 'udp' || connection === undefined)) return undefined;
  const uri = readUri(hop === undefined ? remoteTarget : (readNameAddr(hop)?.uri ?? ''));
  return uri === undefined || isIP(uri.host) !== 0 ? undefined : uri;
}

function flowsTo(targets: readonly Target[], flow: Flow, isKnownHop: IsKnownHop): readonly Flow[] {
  return targets
    .filter(({ transport }) => transport === flow.transport)
    .filter(({ address }) => isSameAddress(address, flow.address) || isKnownHop(address))
    .slice(0, MOST_WAYS)
    .map(({ transport, address, port }) => ({ transport, via: flow.via, address, port }));
}
