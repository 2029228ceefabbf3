/** One endpoint on real sockets of loopback, UDP and TCP side by side at the same port, IPv4 or IPv6. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Clock, silentLog, systemClock } from '#runtime';
import { type Endpoint, type Incoming, openEndpoint } from '#sip';
import { makeSeededRandom } from '../../support/network.ts';
import { freePort } from '../../support/ports.ts';
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
  /** A UDP socket of a peer's, at a port that its TCP listener can take as well. */
  phone(): Promise<UdpPhone>;
  close(): Promise<void>;
}

export interface UdpPhone {
  readonly port: number;
  readonly received: readonly Wire[];
  say(text: string | Uint8Array): void;
  next(): Promise<Wire>;
}

export async function openStreamStage(options: StreamStageOptions = {}): Promise<StreamStage> {
  const { host = '127.0.0.1', clock = systemClock } = options;
  const { handle = (incoming: Incoming) => incoming.respond({ status: 200 }) } = options;
  const port = await freePort(host);
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
    async phone() {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      socket.bind(await freePort(host), host);
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
