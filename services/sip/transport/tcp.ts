import { randomBytes } from 'node:crypto';
import { connect, createServer, isIP, isIPv6, type Server, type Socket } from 'node:net';
import { type Clock, type ListeningPoint, type Log, makeDeadlines } from '#runtime';
import type { Flow } from '../message.ts';
import { type Connection, makeConnection } from './connection.ts';
import { cannotListen, isWildcard, type ListeningAddress, listeningAddress, pointName } from './listening-address.ts';
import { findLocalAddresses, type LocalAddresses } from './local-address.ts';
import { peerOf } from './peer-of.ts';
import { STREAM_LIMITS, type StreamLimits } from './stream-limits.ts';
import { hostPort, type OnFailure, type Receive, type Transport } from './transport.ts';

export interface TcpOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** As for UDP. */
  readonly needsLocalAddress?: boolean;
  readonly limits?: Partial<StreamLimits>;
}

/** Connections of bursts wait in the kernel; it grants less if it likes. */
const BACKLOG = 1_024;
const COMPLAINT_EVERY_MS = 60_000;
/** A peer that has vanished without a word is asked for after a minute of silence, and given up by the kernel. */
const SOCKET = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

/**
 * Opens a listening point (RFC 3261 §18, TCP), and connections to peers when something is to be sent. Port 0 takes any free
 * port, and the name says which. An IPv6 wildcard takes IPv6 alone. No names are ever looked up for a peer.
 * @throws ConfigError with one line when the address cannot be had.
 */
export async function openTcp(point: ListeningPoint, options: TcpOptions): Promise<Transport> {
  const { clock, log } = options;
  const limits = { ...STREAM_LIMITS, ...options.limits };
  const at = await listeningAddress(point);
  const server = createServer(SOCKET);
  const port = await listen(server, point, at);
  const name = pointName({ ...point, port });
  server.on('error', (fault) => log.warn({ point: name, fault: fault.message }, 'the TCP socket reported an error'));
  const fixed = isWildcard(point.address) ? undefined : hostPort(point.address, port);
  const local: LocalAddresses | undefined =
    fixed === undefined && options.needsLocalAddress !== false ? await findLocalAddresses(at.family, clock) : undefined;

  /** By the name that flows have; a process never uses one again, nor does the next one. */
  const connections = new Map<string, { readonly connection: Connection; readonly socket: Socket }>();
  /** By `hostPort` of the peer's listening point: ours, of which one a peer is enough. */
  const ours = new Map<string, Connection>();
  const counts = new Map<string, number>();
  const held = new Map<Connection, number>();
  let heldInAll = 0;
  const carriers = new WeakMap<OnFailure, Connection>();
  const deadlines = makeDeadlines<Connection>(clock, (connection) => {
    connection.look();
    if (connections.has(connection.flow.connection as string)) deadlines.set(connection, laterDue(connection));
  });
  const prefix = randomBytes(6).toString('base64url');
  let made = 0;
  let complainedAt = Number.NEGATIVE_INFINITY;
  let receive: Receive | undefined;
  let closing: Promise<void> | undefined;

  /** Whoever is overdue and still there is being taken down. */
  const laterDue = (connection: Connection): number => Math.max(connection.dueAt, clock.now() + 1_000);

  function isAllowed(address: string): boolean {
    const full =
      connections.size >= limits.connections || (counts.get(peerOf(address)) ?? 0) >= limits.connectionsOfPeer;
    if (full && clock.now() - complainedAt >= COMPLAINT_EVERY_MS) {
      complainedAt = clock.now();
      log.warn({ point: name, address, connections: connections.size }, 'too many connections: new ones are refused');
    }
    return !full;
  }

  function keep(socket: Socket, address: string, peerPort: number, isOurs: boolean): Connection {
    made += 1;
    const id = `${prefix}${made.toString(36)}`;
    const peer = peerOf(address);
    counts.set(peer, (counts.get(peer) ?? 0) + 1);
    const connection = makeConnection({
      socket,
      flow: { transport: 'tcp', via: name, address, port: peerPort, connection: id },
      isOurs,
      clock,
      limits,
      onMessage: (bytes, { flow }, fault) => {
        if (closing === undefined) receive?.(bytes, flow, fault);
      },
      onSooner: (one) => deadlines.set(one, one.dueAt),
      onHeld: weigh,
      onClosed: (one, why) => {
        deadlines.delete(one);
        connections.delete(id);
        drop(counts, peer);
        heldInAll -= held.get(one) ?? 0;
        held.delete(one);
        const key = hostPort(address, peerPort);
        if (ours.get(key) === one) ours.delete(key);
        log.debug({ flow: one.flow, why }, 'a connection has ended');
      },
    });
    connections.set(id, { connection, socket });
    deadlines.set(connection, connection.dueAt);
    return connection;
  }

  function weigh(connection: Connection): void {
    const now = connection.held;
    heldInAll += now - (held.get(connection) ?? 0);
    if (now === 0) held.delete(connection);
    else held.set(connection, now);
    if (now > 0 && heldInAll > limits.heldInAll) connection.destroy('too much is held for incomplete messages');
  }

  server.on('connection', (socket) => {
    const { remoteAddress: address, remotePort } = socket;
    // A peer that is gone already has no address.
    if (receive === undefined || closing !== undefined || address === undefined || !isAllowed(address)) {
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    keep(socket, address, remotePort ?? 0, false);
  });

  /** The one connection of ours to a peer; opened if need be. A text is why there is none. */
  function dial(address: string, peerPort: number): Connection | string {
    const key = hostPort(address, peerPort);
    const known = ours.get(key);
    if (known?.takes('request') === true) return known;
    if (closing !== undefined) return 'the listening point is closed';
    if (isIP(address) === 0) return 'not an IP address';
    if (isIPv6(address) !== (at.family === 6)) return 'an address of the other family';
    if (peerPort < 1 || peerPort > 65_535) return 'not a port';
    if (!isAllowed(address)) return 'too many connections';
    const from = isWildcard(at.address) ? {} : { localAddress: at.address };
    const connection = keep(connect({ ...SOCKET, ...from, host: address, port: peerPort }), address, peerPort, true);
    ours.set(key, connection);
    return connection;
  }

  /** RFC 3261 §18.2.2: the connection that a message came by, and only when that is gone, one to where the peer listens. */
  function carrier(flow: Flow, what: 'request' | 'answer'): Connection | string {
    if (flow.connection === undefined) return dial(flow.address, flow.port);
    const known = connections.get(flow.connection)?.connection;
    if (known?.takes(what) === true) return known;
    return flow.reopen === undefined ? 'the connection is gone' : dial(flow.address, flow.reopen);
  }

  async function end(): Promise<void> {
    const listening = new Promise<void>((resolve) => void server.close(() => resolve()));
    const all = [...connections.values()];
    const gone = all.map(({ socket }) => new Promise<void>((resolve) => void socket.once('close', () => resolve())));
    for (const { connection } of all) connection.finish();
    await Promise.all([listening, ...gone]);
    deadlines.close();
  }

  return {
    transport: 'tcp',
    reliable: true,
    name,
    start(receiver) {
      receive = receiver;
    },
    send(bytes, flow, onFailure) {
      const found = carrier(flow, onFailure === undefined ? 'answer' : 'request');
      if (typeof found === 'string') {
        log.debug({ flow, why: found }, 'a message could not be sent');
        if (onFailure !== undefined) queueMicrotask(() => onFailure(found));
        return;
      }
      if (onFailure !== undefined) carriers.set(onFailure, found);
      found.send(bytes, onFailure);
    },
    forget: (onFailure) => carriers.get(onFailure)?.forget(onFailure),
    reach(flow) {
      const found = dial(flow.address, flow.port);
      if (typeof found === 'string') return false;
      return found.isConnected || found.connected;
    },
    localAddress(flow) {
      if (fixed !== undefined) return fixed;
      const own = flow.connection === undefined ? undefined : connections.get(flow.connection)?.socket.localAddress;
      return hostPort(own ?? local?.on(flow.address) ?? point.address, port);
    },
    close() {
      closing ??= end();
      return closing;
    },
  };
}

function drop(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 1) - 1;
  if (left === 0) counts.delete(key);
  else counts.set(key, left);
}

function listen(server: Server, point: ListeningPoint, { address, family }: ListeningAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (fault: NodeJS.ErrnoException) => reject(cannotListen(fault, point)));
    const where = { host: address, port: point.port, exclusive: true, ipv6Only: family === 6, backlog: BACKLOG };
    server.listen(where, () => {
      server.removeAllListeners('error');
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : point.port);
    });
  });
}
