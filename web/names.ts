import { type Aor, aorOf, type Domains, domainOf, readAor } from '#model';

const USERNAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** True for a name that the registration form gives away: it looks the same in a phone, in a URI and when said aloud. */
export const isUsername = (text: string): boolean => USERNAME.test(text);

/** Whose account is meant by `alice` (of the first domain), `alice@example.com` or `sip:alice@example.com`; undefined when it is none of ours. */
export function readLoginName(text: string, domains: Domains): Aor | undefined {
  const typed = text.trim();
  if (!typed.includes('@')) return aorOf(typed, domains.domain);
  const aor = readAor(typed);
  return aor === undefined ? undefined : ours(domains.fold(aor), domains);
}

const ours = (aor: Aor, { all }: Domains): Aor | undefined => (all.includes(domainOf(aor)) ? aor : undefined);
