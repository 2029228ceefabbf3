import type { PhoneAddress } from '../../deps.ts';

const LOOPBACK = /^(localhost|127\.|\[?::1\]?$)/;

/**
 * The server address to enter in a phone: what is advertised, else the name that this browser came by (it works from
 * here), else, where that is `localhost`, an address of this machine that others can reach. With the port where it is not
 * 5060, which phones assume.
 */
export function serverForPhones(phone: PhoneAddress, host: string): string {
  if (phone.advertised !== undefined) return phone.advertised;
  const name = LOOPBACK.test(host) ? (phone.candidates.find(isReachable) ?? host) : host;
  return phone.port === 5060 ? name : `${name}:${phone.port}`;
}

/** An IPv4 address of a network that others are in; not loopback, not link-local. */
const isReachable = (name: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(name) && !/^(127|169\.254)\./.test(name);
