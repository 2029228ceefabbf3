import { LRUCache } from 'lru-cache';
import type { Clock } from '#runtime';
import type { Flow } from '../message.ts';
import { hostPort, type Transport } from '../transport/index.ts';

/**
 * RFC 3261 §18.1.1: a request of ours that may not fit into one packet goes by a stream, if the peer takes one. Who does not is
 * remembered for a while and gets the datagram whole, in pieces on the way as IP makes them.
 */
export interface LargeRequests {
  /** The flow by stream to a peer known by datagram; undefined where there is none. At once where that is known. */
  way(flow: Flow): Flow | undefined | Promise<Flow | undefined>;
}

/** The MTU is not known; below this the peer's answer fits into 1,500, too. */
export const LARGE_BYTES = 1_300;
/** Peers that were found to take no connection. */
const MOST_PEERS = 20_000;
const TRUST_MS = 3_600_000;
/** Attempts at once: beyond it, as when sources are forged, datagrams are sent. */
const MOST_ATTEMPTS = 64;

export interface LargeRequestsOptions {
  readonly clock: Clock;
  /** A stream transport of ours beside the datagram one of this flow. */
  streamBeside(flow: Flow): Transport | undefined;
}

export function makeLargeRequests({ clock, streamBeside }: LargeRequestsOptions): LargeRequests {
  const refused = new LRUCache<string, true>({
    max: MOST_PEERS,
    ttl: TRUST_MS,
    ttlResolution: 0,
    perf: { now: () => clock.now() },
  });
  let attempts = 0;

  return {
    way(flow) {
      const stream = streamBeside(flow);
      if (stream?.reach === undefined) return undefined;
      const peer = hostPort(flow.address, flow.port);
      if (attempts >= MOST_ATTEMPTS || refused.has(peer)) return undefined;
      const { transport, name: via } = stream;
      const byStream: Flow = { transport, via, address: flow.address, port: flow.port };
      const reached = stream.reach(byStream);
      if (reached === true) return byStream;
      if (reached === false) return undefined;
      attempts += 1;
      return reached.then((isOpen) => {
        attempts -= 1;
        if (!isOpen) refused.set(peer, true);
        return isOpen ? byStream : undefined;
      });
    },
  };
}
