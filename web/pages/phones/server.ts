import type { ListeningPoint } from '#runtime';
import type { PhoneAddress } from '../../deps.ts';

const LOOPBACK = /^(localhost|127\.|\[?::1\]?$)/;
const HAS_PORT = /(^[^:[]*|\]):\d+$/;

/**
 * The server address to enter in a phone: what is advertised; else the one address that the SIP service listens on; else,
 * when it listens on all, the name that browsers come by (it works from here), or where that is `localhost`, an
 * address of this machine that others can reach. With the port where it is not 5060, which phones assume.
 */
export function serverForPhones(phone: PhoneAddress, host: string): string {
  const name = phone.advertised ?? ownAddress(phone) ?? nameFromHere(phone, host);
  return phone.port === 5060 || HAS_PORT.test(name) ? name : `${name}:${phone.port}`;
}

/** Undefined when it listens on every address. */
function ownAddress({ listens }: PhoneAddress): string | undefined {
  if (listens === '0.0.0.0' || listens === '::') return undefined;
  return listens.includes(':') ? `[${listens}]` : listens;
}

function nameFromHere({ candidates }: PhoneAddress, host: string): string {
  return LOOPBACK.test(host) ? (candidates.find(isReachable) ?? host) : host;
}

/** An IPv4 address of a network that others are in; not loopback, not link-local. */
const isReachable = (name: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(name) && !/^(127|169\.254)\./.test(name);

/** `UDP or TCP`: of all listening points, those that the same server setting of a phone reaches as the first. */
export function transportsBeside(listen: readonly ListeningPoint[]): string {
  const [first] = listen;
  const beside = listen.filter(({ address, port }) => address === first?.address && port === first.port);
  return [...new Set(beside.map(({ transport }) => transport.toUpperCase()))].join(' or ');
}
