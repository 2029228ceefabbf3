/**
 * RFC 3261 §18: sockets, and the addresses that peers know them by. Whole messages in and out, of which nothing is
 * understood here but where one ends in a stream; where an answer goes is the endpoint's. A socket's fault is logged and
 * told to whoever sent, never thrown.
 */
export { pointName } from './listening-address.ts';
export { peerOf } from './peer-of.ts';
export { STREAM_LIMITS, type StreamLimits } from './stream-limits.ts';
export * from './tcp.ts';
export * from './transport.ts';
export * from './udp.ts';
