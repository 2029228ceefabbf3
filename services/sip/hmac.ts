import { hash } from 'node:crypto';

const BLOCK = 64;

/**
 * HMAC-SHA256 (RFC 2104) under one key, out of two one-shot hashes: `createHmac` makes a stream object for each message, which
 * costs several times what the hashing does, and strangers make us do this for each challenge.
 * @param key 64 bytes at most.
 * @returns 32 bytes.
 */
export function makeHmac(key: Uint8Array): (message: Uint8Array | string) => Buffer {
  if (key.length > BLOCK) throw new RangeError('a key of more than one block');
  const inner = Buffer.alloc(BLOCK, 0x36);
  const outer = Buffer.alloc(BLOCK + 32, 0x5c);
  for (const [index, byte] of key.entries()) {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  return (message) => {
    const bytes = typeof message === 'string' ? Buffer.from(message) : message;
    outer.set(hash('sha256', Buffer.concat([inner, bytes]), 'buffer'), BLOCK);
    return hash('sha256', outer, 'buffer');
  };
}
