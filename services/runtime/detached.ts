/**
 * The same text, by itself. What is cut out of a message keeps, in V8, the whole message in memory, and what is joined keeps its
 * parts; whoever keeps such a text for longer than the message takes a copy. Of texts that were read from UTF-8.
 */
export function detached(text: string): string {
  return text.length < SHORT ? text : Buffer.from(text).toString();
}

/** V8 copies what is shorter. */
const SHORT = 13;

/**
 * The same bytes, without much else: a piece of what a connection brought keeps all of it in memory. Themselves where that is
 * little more than they are, as the body of a datagram: memory of their own would cost more than it spares.
 */
export function detachedBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer.byteLength <= LITTLE_MORE * bytes.length) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}

const LITTLE_MORE = 4;
