import { isIPv6 } from 'node:net';

/** RFC 4007: zones (`fe80::1%eth0`) mean nothing to anybody else. */
export const withoutZone = (address: string): string => address.replace(/%.*$/, '');

/** Whether two IP addresses, without brackets, are one, however they are spelled. */
export function isSameAddress(one: string, other: string): boolean {
  return one === other || canonical(one) === canonical(other);
}

function canonical(address: string): string {
  const plain = withoutZone(address);
  return isIPv6(plain) ? new URL(`http://[${plain}]/`).hostname : plain;
}
