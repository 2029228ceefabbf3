import { isIPv6 } from 'node:net';
import { withoutZone } from '../ip-address.ts';

/** Whom connections are counted for: an IPv4 address, or the /64 of an IPv6 one, which a single host may have to itself. */
export function peerOf(address: string): string {
  const plain = withoutZone(address);
  if (!isIPv6(plain) || plain.includes('.')) return plain;
  const [front = '', back] = plain.split('::');
  const groups = front === '' ? [] : front.split(':');
  if (back !== undefined) {
    const behind = back === '' ? [] : back.split(':');
    while (groups.length + behind.length < 8) groups.push('0');
    groups.push(...behind);
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
