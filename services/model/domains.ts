import { type Aor, canonicalDomain, domainOf, userOf } from './aor.ts';

/**
 * The domains we serve, the other names and addresses that mean the first of them, and the digest realm of each. The one
 * place where aliases are folded.
 */
export interface Domains {
  /** The first domain: whose people may leave it out. */
  readonly domain: string;
  /** All of them, the first one first. An account belongs to one. */
  readonly all: readonly string[];
  /** True when the host is one of our domains or an alias. */
  serves(host: string): boolean;
  /** The domain that the host means; undefined when it is not ours. */
  meant(host: string): string | undefined;
  /** The same person under the domain that is meant; AORs of other domains come back unchanged. */
  fold(aor: Aor): Aor;
}

/** @param domains canonical, at least one. */
export function makeDomains(domains: readonly [string, ...string[]], aliases: Iterable<string>): Domains {
  const [domain] = domains;
  const meanings = new Map<string, string>();
  for (const alias of aliases) {
    const canonical = canonicalDomain(alias);
    if (canonical !== undefined) meanings.set(canonical, domain);
  }
  // A domain of its own is never somebody's alias.
  for (const own of domains) meanings.set(own, own);
  const meant = (host: string): string | undefined => {
    const canonical = canonicalDomain(host);
    return canonical === undefined ? undefined : meanings.get(canonical);
  };
  return {
    domain,
    all: domains,
    serves: (host) => meant(host) !== undefined,
    meant,
    fold(aor) {
      const host = domainOf(aor);
      const own = meanings.get(host);
      return own === undefined || own === host ? aor : (`sip:${userOf(aor)}@${own}` as Aor);
    },
  };
}

/** Which digest realm goes with which domain (RFC 7616 §3.3): each account's HA1s are made for the realm of its domain. */
export interface Realms {
  /** @param domain one of ours. */
  of(domain: string): string;
  /** The domain whose people answer challenges in this realm; undefined when it is none of ours. */
  domainOf(realm: string): string | undefined;
}

/**
 * @param fixed the realm that was fixed at the first start. Named after a domain of ours it is that domain's; another
 * name is the first domain's. All other domains' realms are called like themselves.
 */
export function makeRealms({ domain, all }: Domains, fixed: string): Realms {
  const of = (own: string): string => (own === domain && !all.includes(fixed) ? fixed : own);
  const domains = new Map(all.map((own) => [of(own), own]));
  return {
    of,
    domainOf: (realm) => domains.get(realm),
  };
}
