/** Sockets for peers: one of this process, or one in another network namespace, reached through a process in there. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { fileURLToPath } from 'node:url';
import type { Flow, Receive, Transport } from '#sip';

/** A UDP socket on loopback. */
export function openPeerPort(): Promise<Transport> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { address, port } = socket.address();
      const name = `udp:${address}:${port}`;
      resolve({
        ...saying(name),
        start: (receive) =>
          void socket.on('message', (bytes, from) => receive(bytes, flowTo(name, from.address, from.port))),
        send: (bytes, flow) => socket.send(bytes, flow.port, flow.address),
        close: () => new Promise((closed) => socket.close(() => closed())),
      });
    });
  });
}

const RELAY = fileURLToPath(new URL('./udp-relay.mjs', import.meta.url));

/** What the process inside tells: first where it listens, then every datagram. */
export interface RelayedDatagram {
  readonly bytes: string;
  readonly address: string;
  readonly port: number;
}

/**
 * A UDP socket that another process holds, in the network that the words before its command line lead to.
 * @param before `['ip', 'netns', 'exec', NAME]`.
 */
export function openPortThrough(before: readonly [string, ...string[]], address: string): Promise<Transport> {
  const [program, ...words] = [...before, process.execPath, RELAY, address] as [string, ...string[]];
  const child = spawn(program, words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => reject(new Error(`the relay at ${address} ended with ${status}`)));
    child.once('message', ({ port }: { port: number }) => {
      const name = `udp:${address}:${port}`;
      let receive: Receive = () => undefined;
      child.on('message', (from: RelayedDatagram) =>
        receive(Buffer.from(from.bytes, 'base64'), flowTo(name, from.address, from.port)),
      );
      resolve({
        ...saying(name),
        start: (taker) => {
          receive = taker;
        },
        send: (bytes, flow) => {
          const datagram: RelayedDatagram = {
            bytes: Buffer.from(bytes).toString('base64'),
            address: flow.address,
            port: flow.port,
          };
          child.send(datagram, () => undefined);
        },
        close: () => {
          child.kill();
          return gone;
        },
      });
    });
  });
}

const flowTo = (via: string, address: string, port: number): Flow => ({ transport: 'udp', via, address, port });

function saying(name: string): Pick<Transport, 'transport' | 'reliable' | 'name' | 'localAddress'> {
  return { transport: 'udp', reliable: false, name, localAddress: () => name.replace(/^udp:/, '') };
}
