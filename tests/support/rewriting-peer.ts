import type { Transport } from '#sip';
import { type House, passwordOf, SERVER } from './house.ts';
import { makePeer, type Peer } from './sip-peer.ts';

/**
 * A device at an address of its own that does not say what a good one does.
 * @param rewrite gets each message that would leave, requests and answers; undefined: it does not leave.
 */
export function makeRewritingPeer(
  house: House,
  user: string,
  rewrite: (text: string) => string | undefined,
  address = '192.0.2.77:5060',
): Peer {
  const plug = house.network.plug(address);
  const transport: Transport = {
    ...plug,
    send(bytes, flow, onFailure) {
      const text = rewrite(Buffer.from(bytes).toString('utf8'));
      if (text !== undefined) plug.send(Buffer.from(text), flow, onFailure);
    },
  };
  return makePeer({ transport, clock: house.clock, address, server: SERVER, user, password: passwordOf(user) });
}
