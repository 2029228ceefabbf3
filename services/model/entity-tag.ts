/** The name of one publication at one moment (RFC 3903 §4.1): a token, new at each success, never reused. */
export type EntityTag = string & { readonly __etag: unique symbol };

const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]{1,64}$/;

/** Reads SIP-If-Match's value; undefined when it is no token (RFC 3903 §11.3.1). */
export function readEntityTag(text: string): EntityTag | undefined {
  const trimmed = text.trim();
  return TOKEN.test(trimmed) ? (trimmed as EntityTag) : undefined;
}
