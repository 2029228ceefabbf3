/**
 * RFC 3261 §17: matching, retransmission, timers, for requests other than INVITE. Inside `sip` only the endpoint enters;
 * tests and their peers may. Never reads a message's meaning, never touches a socket, never waits by itself.
 */
export * from './client-non-invite.ts';
export * from './completed.ts';
export * from './match.ts';
export * from './respond-to.ts';
export * from './server-non-invite.ts';
export * from './stateless-tag.ts';
export * from './timers.ts';
