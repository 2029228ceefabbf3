import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Clock, ListeningPoint, Log } from '#runtime';
import type { Flow } from '../message.ts';
import { isKeepAlive } from './keep-alive.ts';
import { cannotListen, isWildcard, type ListeningAddress, listeningAddress, pointName } from './listening-address.ts';
import { findLocalAddresses, type LocalAddresses } from './local-address.ts';
import { answerBinding, looksLikeStun } from './stun.ts';
import { hostPort, type Transport } from './transport.ts';

/** A burst of a few thousand messages waits in the kernel instead of being lost; it grants less if it likes. */
const BUFFER_BYTES = 4 * 1024 * 1024;

export interface UdpOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** False when something else says what peers are told to send to: spares a lookup for each new peer. */
  readonly needsLocalAddress?: boolean;
}

/** No names are ever looked up for a datagram: a flow's address is an IP address, or it is not sent to. */
function literalOnly(
  hostname: string,
  family: number,
  callback: (error: Error | null, address: string, family: number) => void,
): void {
  callback(null, hostname, family);
}

/**
 * Opens a listening point (RFC 3261 §18, UDP). Port 0 takes any free port, and the name says which. An IPv6 wildcard takes
 * IPv6 alone, so that it can stand beside an IPv4 one.
 * @throws ConfigError with one line when the address cannot be had.
 */
export async function openUdp(point: ListeningPoint, options: UdpOptions): Promise<Transport> {
  const { clock, log } = options;
  const at = await listeningAddress(point);
  const { family } = at;
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    lookup: literalOnly as never,
  });
  await bind(socket, point, at);
  // A socket that fails once (ICMP errors, an interface that went away) goes on; nothing of it may end the process.
  socket.on('error', (fault) => log.warn({ point: name, fault: fault.message }, 'the UDP socket reported an error'));
  const { port } = socket.address();
  const name = pointName({ ...point, port });
  enlargeBuffers(socket, name, log);
  const fixed = isWildcard(point.address) ? undefined : hostPort(point.address, port);
  const addresses: LocalAddresses | undefined =
    fixed === undefined && options.needsLocalAddress !== false ? await findLocalAddresses(family, clock) : undefined;
  let closing: Promise<void> | undefined;

  /** RFC 5626 §8. Nothing of the flow is looked at and nothing is kept. */
  function answerStun(bytes: Uint8Array, { address, port: peerPort }: RemoteInfo): void {
    const answer = peerPort === 0 ? undefined : answerBinding(bytes, address, peerPort);
    if (answer !== undefined) socket.send(answer, peerPort, address, () => undefined);
  }

  return {
    transport: 'udp',
    reliable: false,
    name,
    start(receive) {
      const deliver = (bytes: Uint8Array, peer: RemoteInfo): void => {
        if (closing === undefined)
          receive(bytes, { transport: 'udp', via: name, address: peer.address, port: peer.port });
      };
      socket.on('message', (bytes, peer) => {
        if (closing !== undefined) return;
        if (isKeepAlive(bytes)) {
          if (looksLikeStun(bytes)) answerStun(bytes, peer);
          return;
        }
        // The first message of a new peer waits until we know what to call ourselves towards it: answers need it at once.
        const finding = addresses?.find(peer.address);
        if (finding === undefined) deliver(bytes, peer);
        else void finding.then(() => deliver(bytes, peer));
      });
    },
    send(bytes, flow, onFailure) {
      const settled = (fault: Error | null): void => {
        if (fault === null) return;
        log.debug({ flow, fault: fault.message }, 'a datagram could not be sent');
        onFailure?.(fault.message);
      };
      try {
        socket.send(bytes, flow.port, flow.address, settled);
      } catch (fault) {
        queueMicrotask(() => settled(fault as Error));
      }
    },
    localAddress: (flow: Flow) => fixed ?? hostPort(addresses?.on(flow.address) ?? point.address, port),
    close() {
      // Datagrams are handed to the kernel in the turn of `send`; closing in a later one leaves none behind.
      closing ??= new Promise((resolve) => {
        setImmediate(() => socket.close(() => resolve()));
      });
      return closing;
    },
  };
}

function bind(socket: Socket, point: ListeningPoint, { address }: ListeningAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (fault: NodeJS.ErrnoException) => {
      socket.close();
      reject(cannotListen(fault, point));
    });
    socket.bind({ address, port: point.port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

function enlargeBuffers(socket: Socket, name: string, log: Log): void {
  try {
    socket.setRecvBufferSize(BUFFER_BYTES);
    socket.setSendBufferSize(BUFFER_BYTES);
    log.debug({ point: name, bytes: socket.getRecvBufferSize() }, 'UDP receive buffer');
  } catch (fault) {
    log.debug({ point: name, fault: String(fault) }, 'the UDP buffers stay as they are');
  }
}
