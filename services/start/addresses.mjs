import dgram from 'node:dgram';
import { networkInterfaces } from 'node:os';

/** Interfaces of containers and virtual machines: no phone is there. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|lxc|cni|flannel|tun|tap)/;

/**
 * The IPv4 address under which a phone on the local network reaches this machine: the one on the default route, else the
 * first of a real interface, else the loopback.
 */
export async function lanAddress(interfaces = networkInterfaces(), routed = addressOnDefaultRoute) {
  const own = Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal).map((a) => [name, a.address]),
  );
  const onRoute = await routed();
  if (own.some(([, address]) => address === onRoute)) return onRoute;
  const real = own.find(([name, address]) => !VIRTUAL.test(name) && !address.startsWith('169.254.'));
  return real?.[1] ?? own[0]?.[1] ?? '127.0.0.1';
}

/** Connecting a UDP socket sends nothing; it only asks the routing table (192.0.2.1 is nobody's, RFC 5737). */
function addressOnDefaultRoute() {
  return new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.connect(9, '192.0.2.1', () => {
      const { address } = socket.address();
      socket.close();
      resolve(address);
    });
  });
}

/** Where to knock to see whether a listening point answers: itself, or the loopback of a wildcard. */
export function knockAddress(address) {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

/** What to tell people for a listening address: itself, or the LAN address of a wildcard. */
export function toldAddress(address, lan) {
  return address === '0.0.0.0' || address === '::' ? lan : address;
}

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
export function hostPort(address, port) {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
