/**
 * SIP (RFC 3261) as far as a user agent server of events needs it: grammar, transport, non-INVITE transactions, dialogs,
 * digest. Never heard of presence. Everybody to the right may enter; this room enters `runtime` alone.
 */
export * from './content-encoding.ts';
export * from './dialog/index.ts';
export * from './digest/index.ts';
export * from './endpoint.ts';
export * from './grammar/index.ts';
export * from './message.ts';
export * from './refusal.ts';
export * from './resolve/index.ts';
export * from './tap.ts';
export * from './transport/index.ts';
