/** Names of header fields: case does not matter, and some have a letter for short (RFC 3261 §7.3.3, RFC 6665 §8.2, and others). */

const COMPACT: readonly (readonly [letter: string, name: string])[] = [
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
];

/** Spelled as nearly everybody spells them: looked up before anything is put into lower case. */
const USUAL = [
  'Accept',
  'Allow',
  'Allow-Events',
  'Authorization',
  'Call-ID',
  'Contact',
  'Content-Length',
  'Content-Type',
  'CSeq',
  'Event',
  'Expires',
  'From',
  'Max-Forwards',
  'Record-Route',
  'Require',
  'Route',
  'SIP-ETag',
  'SIP-If-Match',
  'Supported',
  'To',
  'User-Agent',
  'Via',
];

/** A Map, so that `constructor` and `__proto__` are names like others. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  ...COMPACT,
  ...COMPACT.map(([letter, name]) => [letter.toUpperCase(), name] as const),
  ...USUAL.flatMap((name) => [[name, name.toLowerCase()] as const, [name.toLowerCase(), name.toLowerCase()] as const]),
]);

/** Lower case, compact form expanded: `v`, `VIA` and `Via` are `via`. */
export function canonicalName(name: string): string {
  return KNOWN.get(name) ?? name.toLowerCase();
}

/** Those that make no sense twice (RFC 3261 §7.3.1; RFC 4475 §3.3.8; RFC 3903 §11.3; RFC 6665 §8.4). */
export const SINGLE: ReadonlySet<string> = new Set([
  'call-id',
  'content-length',
  'content-type',
  'cseq',
  'event',
  'expires',
  'from',
  'max-forwards',
  'sip-etag',
  'sip-if-match',
  'subscription-state',
  'to',
]);
