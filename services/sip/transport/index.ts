/**
 * RFC 3261 §18: sockets, and the addresses that peers know them by. Whole messages in and out, of which nothing is
 * understood here; where an answer goes is the endpoint's. A socket's fault is logged and told to whoever sent, never thrown.
 */
export * from './transport.ts';
export * from './udp.ts';
