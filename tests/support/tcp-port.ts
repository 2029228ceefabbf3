/** A phone by TCP: calls the server, and listens, so that it can be called when its connection is gone. */
import { createServer, type Socket } from 'node:net';
import type { Receive, Transport } from '#sip';
import { dial } from './tcp-peer.ts';

export interface TcpPort extends Transport {
  /** `127.0.0.1:40112`, where it listens. */
  readonly address: string;
  /** How many connections have come from the server. */
  readonly called: number;
  /** As when the network of a phone changes: reset, and a new one when next something is sent. */
  cut(): void;
}

export async function openTcpPort(serverPort: number, host = '127.0.0.1'): Promise<TcpPort> {
  let receive: Receive = () => undefined;
  let called = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    called += 1;
    take(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const name = `tcp:${address}`;
  let own: Promise<Socket> | undefined;

  /** Its own framing, so that the server's is not proved with itself. */
  function take(socket: Socket): void {
    sockets.add(socket);
    socket.setNoDelay();
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (;;) {
        text = text.replace(/^[\r\n]+/, '');
        const head = text.indexOf('\r\n\r\n');
        const end = head + 4 + Number(/^Content-Length: (\d+)\r?$/m.exec(text.slice(0, head))?.[1] ?? 0);
        if (head < 0 || text.length < end) return;
        const message = Buffer.from(text.slice(0, end), 'latin1');
        text = text.slice(end);
        receive(message, { transport: 'tcp', via: name, address: host, port: socket.remotePort ?? 0 });
      }
    });
  }

  async function call(): Promise<Socket> {
    const { socket } = await dial(serverPort, host);
    take(socket);
    socket.on('close', () => {
      own = undefined;
    });
    return socket;
  }

  return {
    transport: 'tcp',
    reliable: true,
    name,
    address,
    get called() {
      return called;
    },
    start(receiver) {
      receive = receiver;
    },
    send(bytes, flow) {
      const back = [...sockets].find(({ remotePort }) => remotePort === flow.port && flow.port !== serverPort);
      if (back !== undefined) back.write(bytes);
      else {
        own ??= call();
        void own.then((socket) => socket.write(bytes));
      }
    },
    localAddress: () => address,
    cut() {
      own = undefined;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
