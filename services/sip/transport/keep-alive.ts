const CR = 0x0d;
const LF = 0x0a;
const FIRST_PRINTABLE = 0x21;

/**
 * Datagrams that only keep a hole in a NAT open and want no answer: empty ones, bare line ends, single bytes (RFC 5626
 * §4.4.1 is for streams, but phones send it by UDP too); and STUN, which is told from SIP by its first byte, and answered
 * where it asks for it.
 */
export function isKeepAlive(bytes: Uint8Array): boolean {
  if (bytes.length <= 4) return true;
  const first = bytes[0] as number;
  if (first < FIRST_PRINTABLE && first !== CR && first !== LF) return true;
  return bytes.every((byte) => byte === CR || byte === LF);
}
