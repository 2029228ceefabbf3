/** A bare TCP client and a bare TCP listener, for looking at what the service does with a connection. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { readWire, type Wire } from './wire.ts';

export interface TcpPeer {
  readonly socket: Socket;
  /** Ours. */
  readonly address: string;
  readonly port: number;
  /** Everything that came, as binary text. */
  readonly text: string;
  /** Each segment as it came. */
  readonly segments: readonly string[];
  say(text: string | Uint8Array): void;
  /** Resolves when what came matches. */
  hears(pattern: RegExp): Promise<RegExpExecArray>;
  /** The next whole message that nobody has waited for yet; keep-alives are read over. */
  next(): Promise<Wire>;
  /** Resolves when the other side has ended the connection, in whatever way. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

export function watchSocket(socket: Socket): TcpPeer {
  let text = '';
  let taken = 0;
  const segments: string[] = [];
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    segments.push(bytes.toString('latin1'));
    text += bytes.toString('latin1');
    tell();
  });
  const ended = new Promise<void>((resolve) => {
    socket.once('end', resolve);
    socket.once('close', () => resolve());
  });
  let isOver = false;
  void ended.then(() => {
    isOver = true;
    tell();
  });
  const found = <T>(look: () => T | undefined, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const listener = (): void => {
        const seen = look();
        if (seen === undefined && !isOver) return;
        listeners.delete(listener);
        if (seen === undefined) reject(new Error(`the connection ended without ${what}; it said: ${text}`));
        else resolve(seen);
      };
      listeners.add(listener);
      listener();
    });

  function nextMessage(): Wire | undefined {
    const rest = text.slice(taken).replace(/^[\r\n]+/, '');
    const head = rest.indexOf('\r\n\r\n');
    const length = /^Content-Length: (\d+)\r?$/m.exec(rest.slice(0, head))?.[1];
    if (head < 0) return undefined;
    const end = head + 4 + Number(length);
    if (rest.length < end) return undefined;
    taken = text.length - rest.length + end;
    return readWire(Buffer.from(rest.slice(0, end), 'latin1'));
  }

  return {
    socket,
    address: socket.localAddress ?? '',
    port: socket.localPort ?? 0,
    segments,
    get text() {
      return text;
    },
    say: (said) => void socket.write(typeof said === 'string' ? Buffer.from(said, 'utf8') : said),
    hears: (pattern) => found(() => pattern.exec(text) ?? undefined, String(pattern)),
    next: () => found(nextMessage, 'a message'),
    ended,
    async close() {
      socket.destroy();
      if (!socket.closed) await once(socket, 'close');
    },
  };
}

export async function dial(
  port: number,
  host = '127.0.0.1',
  options: { allowHalfOpen?: boolean } = {},
): Promise<TcpPeer> {
  const socket = connect({ host, port, ...options });
  await once(socket, 'connect');
  return watchSocket(socket);
}

export interface TcpListener {
  readonly port: number;
  /** The next connection that nobody has waited for yet. */
  next(): Promise<TcpPeer>;
  readonly accepted: readonly TcpPeer[];
  close(): Promise<void>;
}

export async function listenForTcp(port = 0, host = '127.0.0.1'): Promise<TcpListener> {
  const accepted: TcpPeer[] = [];
  const listeners = new Set<() => void>();
  let taken = 0;
  const server = createServer((socket) => {
    accepted.push(watchSocket(socket));
    for (const listener of [...listeners]) listener();
  });
  server.listen(port, host);
  await once(server, 'listening');
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    accepted,
    next: () =>
      new Promise((resolve) => {
        const listener = (): void => {
          const peer = accepted[taken];
          if (peer === undefined) return;
          taken += 1;
          listeners.delete(listener);
          resolve(peer);
        };
        listeners.add(listener);
        listener();
      }),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const peer of accepted) peer.socket.destroy();
      await closed;
    },
  };
}

/**
 * Lets everything that was written to sockets of this process be read, without waiting for a length of time: on loopback what
 * is written is readable at once, so it is read no later than what goes to and fro afterwards.
 */
export async function settleSockets(): Promise<void> {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  for (let round = 0; round < 5; round += 1) {
    socket.write('x');
    await once(socket, 'data');
  }
  socket.destroy();
  server.close();
  await once(server, 'close');
}
