import { type Aor, canonicalDomain, domainOf, userOf } from './aor.ts';

/** The domain we serve and the other names and addresses that mean it. The one place where aliases are folded. */
export interface Domains {
  /** The canonical domain, what accounts belong to. */
  readonly domain: string;
  /** True when the host is our domain or one of its aliases. */
  serves(host: string): boolean;
  /** The same person under the canonical domain; AORs of other domains come back unchanged. */
  fold(aor: Aor): Aor;
}

export function makeDomains(domain: string, aliases: Iterable<string>): Domains {
  const ours = new Set<string>([domain]);
  for (const alias of aliases) {
    const canonical = canonicalDomain(alias);
    if (canonical !== undefined) ours.add(canonical);
  }
  return {
    domain,
    serves(host) {
      const canonical = canonicalDomain(host);
      return canonical !== undefined && ours.has(canonical);
    },
    fold(aor) {
      const host = domainOf(aor);
      if (host === domain || !ours.has(host)) return aor;
      return `sip:${userOf(aor)}@${domain}` as Aor;
    },
  };
}
