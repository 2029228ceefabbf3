import { isIP, isIPv6 } from 'node:net';
import type { SipUri } from '../message.ts';
import type { Names } from './names.ts';
import { orderNaptr, orderSrv } from './order-services.ts';

/** One place that a request can be sent to. */
export interface Target {
  readonly transport: LocatedTransport;
  /** IPv6 without brackets. */
  readonly address: string;
  readonly port: number;
}

export type LocatedTransport = 'udp' | 'tcp';

export interface LocateNeeds {
  readonly names: Names;
  /** Uniform in [0, 1). */
  readonly chance: () => number;
}

/** RFC 3261 §19.1.2. */
const DEFAULT_PORT = 5060;
/** Of each kind of record; a name that says more is cut off. */
const MOST_RECORDS = 8;
const MOST_TARGETS = 8;

const TRANSPORT_OF_SERVICE: ReadonlyMap<string, LocatedTransport> = new Map([
  ['SIP+D2U', 'udp'],
  ['SIP+D2T', 'tcp'],
]);

interface Service {
  readonly transport: LocatedTransport;
  readonly name: string;
}

/**
 * RFC 3263 §4.1 and §4.2: where a SIP URI leads, in the order to be tried. `maddr` is not followed. Empty for `sips:`, for a
 * transport that we do not have, and for a name that leads nowhere. Rejects when the DNS cannot be asked.
 * @param family of the addresses wanted.
 */
export async function locate(uri: SipUri, family: 4 | 6, { names, chance }: LocateNeeds): Promise<readonly Target[]> {
  const { scheme, host } = uri;
  const asked = (uri.params.get('transport') ?? '').toLowerCase();
  if (scheme !== 'sip' || (asked !== '' && asked !== 'udp' && asked !== 'tcp')) return [];
  const transport: LocatedTransport | undefined = asked === '' ? undefined : asked;
  if (isIP(host) !== 0) {
    if (isIPv6(host) !== (family === 6)) return [];
    return [{ transport: transport ?? 'udp', address: host, port: uri.port ?? DEFAULT_PORT }];
  }
  if (uri.port !== undefined) return at(host, uri.port, transport ?? 'udp');
  for (const service of await servicesOf(host, transport)) {
    const records = orderSrv((await names.srv(service.name)).slice(0, MOST_RECORDS), chance);
    const targets: Target[] = [];
    for (const { name, port } of records) {
      // RFC 2782: a single `.` says that there is no such service.
      if (name !== '' && name !== '.') targets.push(...(await at(name, port, service.transport)));
      if (targets.length >= MOST_TARGETS) break;
    }
    if (targets.length > 0) return targets.slice(0, MOST_TARGETS);
  }
  return at(host, DEFAULT_PORT, transport ?? 'udp');

  async function at(name: string, port: number, by: LocatedTransport): Promise<readonly Target[]> {
    const addresses = await names.addresses(name, family);
    return addresses.slice(0, MOST_TARGETS).map((address) => ({ transport: by, address, port }));
  }

  /** §4.1: a URI that names its transport needs no NAPTR; where there is none, what SRV could be is tried. */
  async function servicesOf(name: string, by: LocatedTransport | undefined): Promise<readonly Service[]> {
    if (by !== undefined) return [{ transport: by, name: `_sip._${by}.${name}` }];
    const found = orderNaptr((await names.naptr(name)).slice(0, MOST_RECORDS)).flatMap(
      ({ flags, service, replacement }): Service[] => {
        const to = TRANSPORT_OF_SERVICE.get(service.toUpperCase());
        return to === undefined || flags.toLowerCase() !== 's' ? [] : [{ transport: to, name: replacement }];
      },
    );
    if (found.length > 0) return found;
    return [
      { transport: 'udp', name: `_sip._udp.${name}` },
      { transport: 'tcp', name: `_sip._tcp.${name}` },
    ];
  }
}
