import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes, and waits while the stream has enough. @throws what the stream failed with. */
export async function writeTo(stream: Writable, piece: string | Uint8Array): Promise<void> {
  if (stream.errored) throw stream.errored;
  if (!stream.write(piece)) await once(stream, 'drain');
}
