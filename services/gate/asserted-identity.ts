import { BlockList, isIPv6 } from 'node:net';
import { type Aor, type Domains, domainOf, readAor } from '#model';
import { type Incoming, readNameAddr } from '#sip';

/** Which peers are believed when they say who sent a request (RFC 3325 §3: the trust domain). */
export interface TrustedPeers {
  has(address: string): boolean;
}

/** @param ranges addresses and `ADDRESS/BITS`, IPv4 and IPv6, checked before. */
export function makeTrustedPeers(ranges: readonly string[]): TrustedPeers {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return { has: (address) => ranges.length > 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') };
}

/**
 * RFC 3325 §9.1: P-Asserted-Identity of a trusted peer is who sent the request; from anybody else it is ignored. Only the
 * header counts: a trusted peer that asserts nothing has authenticated nobody, and the sender is challenged.
 * @returns the account asserted, or undefined when none of ours is.
 */
export function assertedIdentity(
  { request, flow }: Pick<Incoming, 'request' | 'flow'>,
  peers: TrustedPeers,
  domains: Domains,
): Aor | undefined {
  if (!peers.has(flow.address)) return undefined;
  for (const value of request.headers.list('p-asserted-identity')) {
    const aor = readAor(readNameAddr(value)?.uri ?? '');
    if (aor !== undefined && domains.serves(domainOf(aor))) return domains.fold(aor);
  }
  return undefined;
}
