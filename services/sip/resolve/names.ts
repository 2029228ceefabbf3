import { promises as dns } from 'node:dns';

/** What is asked of the DNS (RFC 3263 §4): no records are an empty list, a DNS that cannot be asked is a rejection. */
export interface Names {
  /** RFC 3403. */
  naptr(name: string): Promise<readonly NaptrRecord[]>;
  /** RFC 2782. */
  srv(name: string): Promise<readonly SrvRecord[]>;
  addresses(name: string, family: 4 | 6): Promise<readonly string[]>;
}

export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  /** `SIP+D2U`, `SIP+D2T` … */
  readonly service: string;
  readonly replacement: string;
}

export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly name: string;
}

/** Together within the two seconds that a request of ours can wait. */
const TIMEOUT_MS = 800;
const TRIES = 2;

/** The DNS servers of this machine, asked by Node's own resolver (c-ares). `/etc/hosts` is not looked at. */
export function systemNames(): Names {
  const resolver = new dns.Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  return {
    naptr: (name) => resolver.resolveNaptr(name).catch(nothing),
    srv: (name) => resolver.resolveSrv(name).catch(nothing),
    addresses: (name, family) => (family === 6 ? resolver.resolve6(name) : resolver.resolve4(name)).catch(nothing),
  };
}

function nothing(fault: NodeJS.ErrnoException): never[] {
  if (fault.code === 'ENOTFOUND' || fault.code === 'ENODATA') return [];
  throw fault;
}
