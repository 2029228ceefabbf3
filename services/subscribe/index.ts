/**
 * SUBSCRIBE (RFC 6665 §4.2.1): two tables of steps, one for a request that begins a subscription or fetches, one for a
 * request in its dialog. Ends with a committed row, a 200 and the NOTIFY that follows each 2xx; what is in that NOTIFY is
 * `notify`'s business. Never meets `publish`.
 */
export * from './subscribe.ts';
