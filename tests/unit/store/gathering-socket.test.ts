import { once } from 'node:events';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openGatheringSocket } from '../../../services/store/prisma/gathering-socket.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(
  at: string | undefined,
): Promise<{ to: { path: string } | { host: string; port: number }; heard: Promise<string> }> {
  const server = net.createServer();
  await new Promise<void>((resolve) =>
    at === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(at, resolve),
  );
  closing.push(() => server.close());
  const heard = once(server, 'connection').then(async ([peer]: net.Socket[]) => {
    let text = '';
    for await (const bytes of peer as net.Socket) text += bytes;
    return text;
  });
  const address = server.address();
  const to = typeof address === 'string' ? { path: address } : { host: '127.0.0.1', port: address?.port ?? 0 };
  return { to, heard };
}

describe('a connection to the database', () => {
  it.each([
    ['by TCP', undefined],
    ['by a socket in the file system', join(tmpdir(), `porchlight-gathering-${process.pid}`)],
  ])('%s sends what is written in one step together, and all of it in order', async (_name, path) => {
    const { to, heard } = await listen(path);
    const socket = openGatheringSocket(to);
    closing.push(() => socket.destroy());
    await once(socket, 'connect');
    for (const [one, two] of [
      ['BEGIN;', 'UPDATE;'],
      ['COMMIT;', 'BEGIN;'],
    ] as const) {
      socket.write(one);
      expect(socket.writableCorked).toBe(1);
      await Promise.resolve();
      socket.write(Buffer.from(two));
      expect(socket.writableCorked).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      expect(socket.writableCorked).toBe(0);
    }
    socket.end('QUIT');
    expect(await heard).toBe('BEGIN;UPDATE;COMMIT;BEGIN;QUIT');
  });
});
