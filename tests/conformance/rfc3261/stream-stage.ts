/** One endpoint on real sockets of loopback, UDP and TCP side by side at the same port, IPv4 or IPv6. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Clock, silentLog, systemClock } from '#runtime';
import { type Endpoint, type Incoming, openEndpoint } from '#sip';
import { makeSeededRandom } from '../../support/network.ts';
import { dial, listenForTcp, type TcpListener, type TcpPeer } from '../../support/tcp-peer.ts';
import { readWire, type Wire } from '../../support/wire.ts';

export interface StreamStageOptions {
  readonly handle?: (incoming: Incoming) => void | Promise<void>;
  readonly host?: '127.0.0.1' | '::1';
  readonly clock?: Clock;
  readonly advertise?: string;
}

export interface StreamStage {
  readonly endpoint: Endpoint;
  readonly port: number;
  readonly handled: readonly Incoming[];
  call(options?: { allowHalfOpen?: boolean }): Promise<TcpPeer>;
  listener(port?: number): Promise<TcpListener>;
  /** A UDP socket of a peer's. */
  phone(port?: number): Promise<UdpPhone>;
  close(): Promise<void>;
}

export interface UdpPhone {
  readonly port: number;
  readonly received: readonly Wire[];
  say(text: string | Uint8Array): void;
  next(): Promise<Wire>;
}

/** Taken and let go again: who needs one port for both transports has no other way. */
async function portForBoth(host: string): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, host);
    await once(server, 'listening');
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    const isFree = await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(false));
      socket.bind(port, host, () => resolve(true));
    });
    socket.close();
    server.close();
    await once(server, 'close');
    if (isFree) return port;
  }
}

export async function openStreamStage(options: StreamStageOptions = {}): Promise<StreamStage> {
  const { host = '127.0.0.1', clock = systemClock } = options;
  const { handle = (incoming: Incoming) => incoming.respond({ status: 200 }) } = options;
  const port = await portForBoth(host);
  const handled: Incoming[] = [];
  const endpoint = await openEndpoint({
    listen: [
      { transport: 'udp', address: host, port },
      { transport: 'tcp', address: host, port },
    ],
    clock,
    random: makeSeededRandom(11),
    log: silentLog,
    advertise: options.advertise,
    handle(incoming) {
      handled.push(incoming);
      return handle(incoming);
    },
  });
  const open: { close(): unknown }[] = [];

  return {
    endpoint,
    port,
    handled,
    async call(how) {
      const peer = await dial(port, host, how);
      open.push(peer);
      return peer;
    },
    async listener(at) {
      const one = await listenForTcp(at, host);
      open.push(one);
      return one;
    },
    async phone(at) {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      socket.bind(at, host);
      await once(socket, 'listening');
      open.push(socket);
      const received: Wire[] = [];
      const listeners = new Set<() => void>();
      let taken = 0;
      socket.on('message', (bytes) => {
        received.push(readWire(bytes));
        for (const listener of [...listeners]) listener();
      });
      return {
        port: socket.address().port,
        received,
        say: (text) => socket.send(text, port, host),
        next: () =>
          new Promise((resolve) => {
            const listener = (): void => {
              const wire = received[taken];
              if (wire === undefined) return;
              taken += 1;
              listeners.delete(listener);
              resolve(wire);
            };
            listeners.add(listener);
            listener();
          }),
      };
    },
    async close() {
      for (const one of open) await one.close();
      await endpoint.close();
    },
  };
}
