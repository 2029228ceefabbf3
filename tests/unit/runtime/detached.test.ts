import { describe, expect, it } from 'vitest';
import { detachedBytes } from '#runtime';

describe('what is kept for longer than the message it came in', () => {
  const piece = (of: number, length: number): Uint8Array => new Uint8Array(of).fill(7).subarray(of - length);

  it('is copied where it would keep more than four times as much in memory', () => {
    const body = piece(65_536, 500);
    const kept = detachedBytes(body);
    expect([kept.buffer.byteLength, Buffer.compare(kept, body)]).toEqual([500, 0]);
    expect(detachedBytes(piece(2001, 500)).buffer.byteLength).toBe(500);
  });

  it('is kept as it is where it is most of what it came in, as the body of a datagram', () => {
    const body = piece(2000, 500);
    expect(detachedBytes(body)).toBe(body);
  });
});
