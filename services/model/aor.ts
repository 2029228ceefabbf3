/**
 * The address-of-record: whose state is told, who is told. One canonical text per person, so that equal people are equal
 * strings everywhere (RFC 3261 §19.1.4, RFC 3856 §5): scheme `sip:`, user unescaped where escaping is not needed, host in
 * lower case, no password, no port, no parameters, no headers.
 */

/** A canonical address-of-record, `sip:user@domain`. The user part is case-sensitive, the domain is lower case. */
export type Aor = string & { readonly __aor: unique symbol };

/** The longest canonical AOR we keep, in characters (database key length). */
export const MAX_AOR_LENGTH = 255;

const SCHEMES = /^(sips?|pres|im):/i;
/** RFC 3261 §25.1 `user`: unreserved / user-unreserved. Everything else in a user part must be escaped. */
const BARE_USER_CHARACTER = /[A-Za-z0-9\-_.!~*'()&=+$,;?/]/;
/** Canonical as it stands, as nearly all are: nothing escaped, nothing to be left out. */
const PLAIN = /^sip:[A-Za-z0-9\-_.!~*'()]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
const PLAIN_USER = /^[A-Za-z0-9\-_.!~*'()]+$/;
const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?)$/;

/**
 * Reads a SIP, SIPS or PRES URI (or a bare `user@domain`) into its canonical AOR.
 * @returns undefined when the text names no user at a domain, or is longer than {@link MAX_AOR_LENGTH}.
 */
export function readAor(text: string): Aor | undefined {
  if (text.length <= MAX_AOR_LENGTH && PLAIN.test(text)) return `sip:${text.slice(4)}` as Aor;
  const rest = text.replace(SCHEMES, '');
  const at = rest.lastIndexOf('@');
  if (at <= 0) return undefined;
  const user = canonicalUser(rest.slice(0, at));
  const domain = canonicalDomain(rest.slice(at + 1).split(/[;?>]/, 1)[0] ?? '');
  return user === undefined || domain === undefined ? undefined : join(user, domain);
}

/** Builds the AOR of an account from its two columns; undefined when either is not a legal part. */
export function aorOf(user: string, domain: string): Aor | undefined {
  const host = canonicalDomain(domain);
  const name = escapeUser(user);
  return host === undefined || name === undefined ? undefined : join(name, host);
}

/** The domain part of a canonical AOR, lower case, without brackets removed. */
export function domainOf(aor: Aor): string {
  return aor.slice(aor.lastIndexOf('@') + 1);
}

/** The user part of a canonical AOR, as written on the wire (escaped where needed). */
export function userOf(aor: Aor): string {
  return aor.slice(4, aor.lastIndexOf('@'));
}

/** Host name or address in canonical form: lower case, no port, no trailing dot; undefined when it is none. */
export function canonicalDomain(text: string): string | undefined {
  let host = text.trim().toLowerCase();
  const port = /^(\[[^\]]*\]|[^:]*):\d{1,5}$/.exec(host);
  if (port?.[1] !== undefined) host = port[1];
  if (!HOST.test(host)) return undefined;
  return host.endsWith('.') ? host.slice(0, -1) : host;
}

function join(user: string, domain: string): Aor | undefined {
  const aor = `sip:${user}@${domain}`;
  return aor.length > MAX_AOR_LENGTH ? undefined : (aor as Aor);
}

/** Drops a password, resolves needless escapes (`%61` is `a`), writes the needed ones in upper case (RFC 3261 §19.1.4). */
function canonicalUser(text: string): string | undefined {
  try {
    return escapeUser(decodeURIComponent(text.split(':', 1)[0] ?? ''));
  } catch {
    return undefined;
  }
}

/** Undefined for the empty name and for NUL, which some who store or show it would take for its end. */
function escapeUser(user: string): string | undefined {
  if (user === '' || user.includes('\0') || /\p{Surrogate}/u.test(user)) return undefined;
  if (PLAIN_USER.test(user)) return user;
  let escaped = '';
  for (const character of user) {
    escaped += BARE_USER_CHARACTER.test(character) ? character : encodeURIComponent(character);
  }
  return escaped;
}
