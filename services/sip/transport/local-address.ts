import { createSocket } from 'node:dgram';
import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { LRUCache } from 'lru-cache';
import type { Clock } from '#runtime';
import { withoutZone } from '../ip-address.ts';

/** Which of this machine's addresses packets to a peer leave from: what it must be told to send back to. */
export interface LocalAddresses {
  /** What is known, else the best guess; at once. */
  on(peer: string): string;
  /** Undefined when the peer's is known (or too many are being looked for); else resolves when it is. */
  find(peer: string): Promise<void> | undefined;
}

/** Peers whose local address is remembered. */
const MOST_PEERS = 20_000;
/** After this a peer's is looked for again when it next sends: machines move between networks. */
const TRUST_MS = 5 * 60_000;
/** Lookups at once, each a socket: beyond it, as when sources are forged, the guess is taken. */
const MOST_LOOKUPS = 64;

/** Never answered, never sent to: connecting a UDP socket there only asks for the default route (RFC 5737, RFC 3849). */
const ELSEWHERE = { 4: '198.51.100.1', 6: '2001:db8::1' };

/** The address a connected UDP socket got from the routing table; undefined without a route. Sends nothing. */
function askRoute(peer: string, family: 4 | 6): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
    const end = (address: string | undefined): void => {
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.close();
      resolve(address);
    };
    socket.on('error', () => end(undefined));
    socket.on('connect', () => end(withoutZone(socket.address().address)));
    try {
      socket.connect(9, peer);
    } catch {
      end(undefined);
    }
  });
}

/** The own address in whose network the peer is; undefined when it is in none. */
function onLink(peer: string, family: 4 | 6): string | undefined {
  const version = family === 4 ? 'ipv4' : 'ipv6';
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, cidr } of addresses ?? []) {
      if (cidr === null || isIPv6(address) !== (family === 6)) continue;
      const network = new BlockList();
      network.addSubnet(address, Number(cidr.split('/')[1]), version);
      if (network.check(withoutZone(peer), version)) return withoutZone(address);
    }
  }
  return undefined;
}

function firstOwn(family: 4 | 6): string {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const usable = own.filter(({ address, internal }) => !internal && isIPv6(address) === (family === 6));
  return withoutZone(usable[0]?.address ?? (family === 4 ? '127.0.0.1' : '::1'));
}

/** For a socket that is bound to every address of a family. Resolves when the default route is known. */
export async function findLocalAddresses(family: 4 | 6, clock: Clock): Promise<LocalAddresses> {
  const perf = { now: () => clock.now() };
  const found = new LRUCache<string, string>({
    max: MOST_PEERS,
    ttl: TRUST_MS,
    ttlResolution: 0,
    noDeleteOnStaleGet: true,
    perf,
  });
  const guessed = new LRUCache<string, string>({ max: MOST_PEERS, ttl: TRUST_MS, ttlResolution: 0, perf });
  const looking = new Map<string, Promise<void>>();
  const usual = (await askRoute(ELSEWHERE[family], family)) ?? firstOwn(family);

  function guess(peer: string): string {
    const before = guessed.get(peer);
    if (before !== undefined) return before;
    const address = onLink(peer, family) ?? usual;
    guessed.set(peer, address);
    return address;
  }

  function find(peer: string): Promise<void> | undefined {
    if (found.has(peer)) return undefined;
    const underWay = looking.get(peer);
    if (underWay !== undefined) return underWay;
    if (looking.size >= MOST_LOOKUPS) return undefined;
    const lookup = askRoute(peer, family).then((address) => {
      found.set(peer, address ?? guess(peer));
      looking.delete(peer);
    });
    looking.set(peer, lookup);
    return lookup;
  }

  return {
    find,
    on(peer) {
      const address = found.get(peer, { allowStale: true });
      if (address !== undefined) return address;
      // A peer of before a restart, that we speak to first: exact from the next time on.
      void find(peer);
      return guess(peer);
    },
  };
}
