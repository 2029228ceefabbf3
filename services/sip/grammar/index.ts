/**
 * THE GRAMMAR. Bytes → messages and back (RFC 3261 §7, §20, §25; RFC 3581, RFC 6665 §8). The only door to the `sip` package,
 * whose faults are mended or caught here. The rooms of `sip/` enter, and whoever reads or writes a header's value. It never
 * throws at what came from the wire, never keeps anything between two messages, and never decides what a message means.
 */
export { LIMITS, type Limits } from './limits.ts';
export { readNameAddr } from './name-addr.ts';
export { readParams } from './params.ts';
export { readMessage } from './read-message.ts';
export { reasonPhrase } from './reason-phrases.ts';
export { headerText, isToken, quote } from './text.ts';
export { readUri } from './uri.ts';
export {
  type AcceptRange,
  MAX_DELTA_SECONDS,
  type MediaType,
  readAccept,
  readEvent,
  readMediaType,
  readNumber,
} from './values.ts';
export { writeRequest, writeResponse } from './write.ts';
