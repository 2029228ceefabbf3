/** The namespaces of presence documents, and the prefixes we always write them with. */

export const PIDF_TYPE = 'application/pidf+xml';

/** RFC 3863. */
export const PIDF = 'urn:ietf:params:xml:ns:pidf';
/** RFC 4479. */
export const DATA_MODEL = 'urn:ietf:params:xml:ns:pidf:data-model';
/** RFC 4480. */
export const RPID = 'urn:ietf:params:xml:ns:pidf:rpid';
/** RFC 4482. */
export const CIPID = 'urn:ietf:params:xml:ns:pidf:cipid';
/** RFC 5196. */
export const CAPS = 'urn:ietf:params:xml:ns:pidf:caps';

/** Phones that read with regular expressions look for a bare `<basic>` and for `<rpid:away/>`. */
export const PREFIXES: ReadonlyMap<string, string> = new Map([
  [PIDF, ''],
  [DATA_MODEL, 'dm'],
  [RPID, 'rpid'],
  [CIPID, 'c'],
  [CAPS, 'caps'],
]);
