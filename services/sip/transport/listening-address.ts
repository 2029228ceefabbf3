import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import { ConfigError, type ListeningPoint } from '#runtime';
import { hostPort } from './transport.ts';

export interface ListeningAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** A listening point may have a name of this machine (`localhost`): its IPv4 address. @throws ConfigError with one line. */
export async function listeningAddress(point: ListeningPoint): Promise<ListeningAddress> {
  if (isIP(point.address) !== 0) return { address: point.address, family: isIPv6(point.address) ? 6 : 4 };
  try {
    return { address: (await lookup(point.address, { family: 4 })).address, family: 4 };
  } catch {
    throw new ConfigError(`${pointName(point)} has a name that this machine does not know`);
  }
}

/** `udp:0.0.0.0:5060`. */
export function pointName({ transport, address, port }: ListeningPoint): string {
  return `${transport}:${hostPort(address, port)}`;
}

/** `0.0.0.0`, `::` and their longer spellings. */
export const isWildcard = (address: string): boolean => /^[0:.]+$/.test(address);

/** Why a listening point cannot be had, as one line. */
export function cannotListen(fault: NodeJS.ErrnoException, point: ListeningPoint): ConfigError {
  const name = pointName(point);
  switch (fault.code) {
    case 'EADDRINUSE':
      return new ConfigError(`${name} is taken by another program`);
    case 'EADDRNOTAVAIL':
      return new ConfigError(`${name} is not an address of this machine`);
    case 'EACCES':
      return new ConfigError(`${name} may not be opened by this user`);
    default:
      return new ConfigError(`${name} cannot be opened: ${fault.message}`);
  }
}
