import dgram from 'node:dgram';
import net from 'node:net';
import { hostPort } from './addresses.mjs';

/** @returns one line when the SIP service could not listen there, else undefined. */
export function udpRefusal(address, port) {
  const socket = dgram.createSocket(address.includes(':') ? { type: 'udp6', ipv6Only: true } : 'udp4');
  return tried('SIP_LISTEN', 'UDP', address, port, (refused, free) => {
    socket.once('error', refused);
    socket.bind({ address, port, exclusive: true }, () => socket.close(free));
  });
}

/** @returns one line when the portal, or whatever the setting is for, could not listen there, else undefined. */
export function tcpRefusal(address, port, setting = 'WEB_LISTEN') {
  const server = net.createServer();
  return tried(setting, 'TCP', address, port, (refused, free) => {
    server.once('error', refused);
    server.listen(
      { host: address, port, exclusive: true, ipv6Only: setting === 'SIP_LISTEN' && address.includes(':') },
      () => server.close(free),
    );
  });
}

function tried(setting, transport, address, port, attempt) {
  if (port === 0) return Promise.resolve(`${setting}: port 0 cannot be told to phones and browsers; name one`);
  const where = `${setting}: ${transport} ${hostPort(address, port)}`;
  return new Promise((resolve) => {
    attempt(
      ({ code, message }) => resolve(`${where} ${REASONS[code] ?? `cannot be listened on (${message})`}`),
      () => resolve(undefined),
    );
  });
}

const REASONS = {
  EADDRINUSE: 'is taken by another program; end that one or set another port',
  EACCES: 'needs more rights than this user has; set a port above 1023',
  EADDRNOTAVAIL: "is not an address of this machine's",
  ENOTFOUND: 'is no address that this machine can find',
};
