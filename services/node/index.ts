/**
 * BEING ONE OF MANY. One process works at a role, by a lease it renews; others wait and say for whom. Each says of itself how it is doing. The composition
 * root enters; this room enters `runtime` and `store`, and knows nothing of SIP or presence.
 */
export * from './lease.ts';
export * from './roll-call.ts';
export * from './this-process.ts';
