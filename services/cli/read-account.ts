import { type Aor, aorOf, type Domains, domainOf, EVERYBODY, readAor, readSubject, type Subject, userOf } from '#model';

/** An account as the administrator named it, or one line that says why it is none. */
export type AccountName =
  | { readonly kind: 'account'; readonly aor: Aor; readonly username: string; readonly domain: string }
  | { readonly kind: 'refused'; readonly why: string };

/** The longest user name that the database keeps, in characters. */
const MAX_USERNAME = 190;
/** No phone and no digest header can carry these in a user name (RFC 7616 §3.4). */
const UNTYPEABLE = /[\s"\\:@\p{C}]/u;

/** Reads `alice`, `alice@example.com` or `sip:alice@example.com`; a name without a domain is of our first. */
export function readAccount(text: string, domains: Domains): AccountName {
  const trimmed = text.trim();
  const read = trimmed.includes('@') ? readAor(trimmed) : aorOf(trimmed, domains.domain);
  if (read === undefined) return { kind: 'refused', why: `'${trimmed}' is not a name or NAME@${domains.domain}` };
  const aor = domains.fold(read);
  const domain = domains.meant(domainOf(aor));
  if (domain === undefined) {
    const ours = domains.all.length === 1 ? 'domain' : 'domains';
    return { kind: 'refused', why: `'${trimmed}' is not of this server's ${ours}, ${domains.all.join(', ')}` };
  }
  const username = decodeURIComponent(userOf(aor));
  if (UNTYPEABLE.test(username) || username.length > MAX_USERNAME) {
    return {
      kind: 'refused',
      why: `'${username}' cannot be a user name: no spaces, quotes, colons; ${MAX_USERNAME} characters`,
    };
  }
  return { kind: 'account', aor, username, domain };
}

export type WatcherName =
  | { readonly kind: 'watcher'; readonly subject: Subject }
  | { readonly kind: 'refused'; readonly why: string };

/** Reads whom a rule is about: `sip:bob@example.org`, `@example.org`, `*`; a bare name is of our domain. */
export function readWatcher(text: string, domains: Domains): WatcherName {
  const trimmed = text.trim();
  if (trimmed === EVERYBODY) return { kind: 'watcher', subject: EVERYBODY };
  const aor = trimmed.startsWith('@') ? undefined : readBareOrWhole(trimmed, domains);
  if (aor !== undefined) return { kind: 'watcher', subject: domains.fold(aor) as string as Subject };
  const subject = trimmed.startsWith('@') ? readSubject(trimmed) : undefined;
  if (subject === undefined) {
    return { kind: 'refused', why: `'${trimmed}' is not a watcher: write sip:USER@DOMAIN, @DOMAIN or '*'` };
  }
  const meant = domains.meant(subject.slice(1));
  return { kind: 'watcher', subject: meant === undefined ? subject : (`@${meant}` as Subject) };
}

/** A bare name with a dot could be a person or a domain: who means which must say so. */
function readBareOrWhole(text: string, domains: Domains): Aor | undefined {
  if (text.includes('@')) return readAor(text);
  return text.includes('.') || text.includes(':') ? undefined : aorOf(text, domains.domain);
}

/** `sip:alice@example.com` as people read it. */
export function withoutScheme(address: string): string {
  return address.replace(/^sip:/, '');
}
