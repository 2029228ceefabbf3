/** Ports for those who must know one before they listen, or whose owner goes down and comes back. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Below the range that the kernel takes ports from by itself (`net.ipv4.ip_local_port_range`). */
const FIRST_PORT = 20_000;
/** Every worker of the test runner has a slice of its own, and hands out each port of it once. */
const SLICES = 16;
const SLICE = 750;

const worker = Number(process.env['VITEST_POOL_ID'] ?? process.env['TEST_PARALLEL_INDEX'] ?? 0);
let next = Math.floor(Math.random() * SLICE);

/** A port that nobody has, of both UDP and TCP. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < SLICE; tries += 1) {
    const port = FIRST_PORT + (worker % SLICES) * SLICE + next;
    next = (next + 1) % SLICE;
    if (await isFreePort(port, address)) return port;
  }
  throw new Error('no free port');
}

/** True when nothing listens there, by UDP or TCP. */
export async function isFreePort(port: number, address = '127.0.0.1'): Promise<boolean> {
  return (await isUdpFree(port, address)) && (await isTcpFree(port, address));
}

function isUdpFree(port: number, address: string): Promise<boolean> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    socket.once('error', () => resolve(false));
    socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}

function isTcpFree(port: number, address: string): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
