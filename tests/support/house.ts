/**
 * A whole SIP service on a fake clock and a network in memory, over the memory store: what stories are told in. `restart`
 * ends it as kill -9 does, nothing written down, and starts another on the same store.
 */
import { type ChooseAlgorithms, makeTrustedPeers, type OfferedQop } from '#gate';
import { type Aor, aorOf, EVERYBODY, makeDomains, makeRealms, type Permission, type Subject } from '#model';
import { silentLog } from '#runtime';
import { makeEndpoint, type Names, openTcp, type Transport } from '#sip';
import { makeMemoryStore, openSecrets, type Store } from '#store';
import { type Service, startService } from '../../services/service.ts';
import { type FakeClock, makeFakeClock } from './fake-clock.ts';
import { makeNetwork, makeSeededRandom, type Network, type NetworkOptions } from './network.ts';
import { makePeer, type Peer, type PeerOptions } from './sip-peer.ts';
import { openTcpPort, type TcpPort } from './tcp-port.ts';

export const SERVER = '192.0.2.1:5060';
export const DOMAIN = 'example.com';
/** The second domain; its accounts are made with {@link House.addUser}. */
export const OTHER_DOMAIN = 'example.net';

export interface HouseOptions extends Partial<Omit<NetworkOptions, 'clock'>> {
  readonly byDefault?: Permission;
  /** Addresses of peers that are believed (P-Asserted-Identity). */
  readonly trusted?: readonly string[];
  /** Other names and addresses of ours. */
  readonly aliases?: readonly string[];
  /** What senders are challenged with. */
  readonly algorithms?: ChooseAlgorithms;
  readonly qop?: OfferedQop;
  /** The DNS. */
  readonly names?: Names;
  readonly paceMs?: number;
  readonly notifyTimeouts?: number;
  /** Any number of requests unless told otherwise. */
  readonly rateLimits?: { readonly account: number; readonly source: number };
  readonly users?: readonly string[];
  /** Whether the service holds its lease; always unless told otherwise. */
  readonly holdsRole?: () => boolean;
  /** Listens there by TCP as well: real sockets, though on the clock of the house. */
  readonly tcp?: '127.0.0.1' | '::1';
  /** Stands between the service and the memory store, to break it. */
  readonly wrap?: (store: Store) => Store;
}

export interface House {
  readonly clock: FakeClock;
  readonly network: Network;
  readonly store: Store;
  /** A device of this user, at an address of its own. */
  peer(user: string, address?: string, options?: Partial<PeerOptions>): Peer;
  /** A device by TCP; `port` is its end of the wire. */
  tcpPeer(user: string, contact?: string): Promise<{ readonly peer: Peer; readonly port: TcpPort }>;
  /** Where it listens by TCP; 0 where it does not. */
  readonly tcpPort: number;
  /** As the portal does it: the rule and its Change, in one transaction. */
  rule(owner: string, subject: string, permission: Permission): Promise<void>;
  addUser(user: string, domain?: string): Promise<void>;
  /** Has an event package of tests/support served as well, named in Eventloader; resolves once it is. */
  load(event: string, file: string): Promise<void>;
  /** How it stands with its event packages. */
  standings(): ReturnType<Service['standings']>;
  /** Ends without a farewell and starts again on the same store, at the same address. */
  restart(between?: () => Promise<void>): Promise<void>;
  /** The same, but ends as at SIGTERM. */
  restartGently(): Promise<void>;
  close(): Promise<void>;
}

export const aor = (user: string): Aor => aorOf(user, DOMAIN) as Aor;
export const uri = (user: string): string => `sip:${user}@${DOMAIN}`;
export const passwordOf = (user: string): string => `${user}-secret`;

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const clock = makeFakeClock();
  const network = makeNetwork({ ...options, clock });
  const store = makeMemoryStore({ clock });
  const domains = makeDomains([DOMAIN, OTHER_DOMAIN], ['192.0.2.1', 'alias.example.com', ...(options.aliases ?? [])]);
  const seen = options.wrap?.(store) ?? store;
  const secrets = openSecrets(new Uint8Array(32).fill(7));
  let starts = 0;
  /** The same after a restart. */
  let tcpPort = 0;
  const ports: TcpPort[] = [];
  let service = await start();

  async function openTransports(): Promise<Transport[]> {
    if (options.tcp === undefined) return [network.plug(SERVER)];
    const point = { transport: 'tcp', address: options.tcp, port: tcpPort } as const;
    const stream = await openTcp(point, { clock, log: silentLog });
    tcpPort = Number(/\d+$/.exec(stream.name)?.[0]);
    return [network.plug(SERVER), stream];
  }

  async function start(): Promise<Service> {
    starts += 1;
    const random = makeSeededRandom(1000 + starts);
    const starting = startService({
      store: seen,
      secrets,
      domains,
      realms: makeRealms(domains, DOMAIN),
      byDefault: options.byDefault ?? 'confirm',
      trusted: makeTrustedPeers(options.trusted ?? []),
      ...(options.algorithms && { algorithms: options.algorithms }),
      ...(options.qop && { qop: options.qop }),
      ...(options.names && { names: options.names }),
      paceMs: options.paceMs,
      notifyTimeouts: options.notifyTimeouts ?? 1,
      rateLimits: options.rateLimits ?? { account: 0, source: 0 },
      holdsRole: options.holdsRole ?? (() => true),
      node: `house-${starts}`,
      clock,
      random,
      log: silentLog,
      openEndpoint: async (handle, tap) =>
        makeEndpoint({ transports: await openTransports(), clock, random, log: silentLog, handle, tap }),
    });
    await clock.settle();
    return starting;
  }

  async function addUser(user: string, domain = DOMAIN): Promise<void> {
    await store.accounts.create({
      aor: aorOf(user, domain) as Aor,
      username: user,
      domain,
      passwordHash: undefined,
      credentials: secrets.credentialsFor(user, domain, passwordOf(user)),
      createdAt: clock.now(),
    });
  }
  for (const user of options.users ?? ['alice', 'bob']) await addUser(user);

  let addresses = 0;
  function peer(user: string, address?: string, more: Partial<PeerOptions> = {}): Peer {
    addresses += 1;
    return makePeer({
      network,
      clock,
      address: address ?? `192.0.2.${9 + addresses}:5060`,
      server: SERVER,
      user,
      password: passwordOf(user),
      ...more,
    });
  }

  return {
    clock,
    network,
    store,
    addUser,
    get tcpPort() {
      return tcpPort;
    },
    peer,
    async tcpPeer(user, contact) {
      const port = await openTcpPort(tcpPort, options.tcp);
      ports.push(port);
      const server = options.tcp === '::1' ? `[::1]:${tcpPort}` : `127.0.0.1:${tcpPort}`;
      const identity = { user, password: passwordOf(user), ...(contact === undefined ? {} : { contact }) };
      return { peer: makePeer({ transport: port, clock, address: port.address, server, ...identity }), port };
    },
    async rule(owner, subject, permission) {
      const about = subject === '*' ? EVERYBODY : subject.startsWith('@') ? subject : uri(subject);
      await store.rules.set({ owner: aor(owner), subject: about as Subject, event: 'presence', permission });
    },
    async load(event, file) {
      const module = new URL(file, import.meta.url).href;
      await store.eventLoader.set({ event, module, enabled: true });
      const asks = peer('nobody');
      // Importing is native work that no fake clock hastens: it is asked for until it is there.
      for (let tries = 0; ; tries += 1) {
        await clock.advance(200);
        const { header } = await asks.ask({ method: 'OPTIONS', uri: uri('nobody'), authenticate: false });
        if (header('Allow-Events').includes(event)) return;
        if (tries > 1_000) throw new Error(`${event} is not served`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    standings: () => service.standings(),
    async restart(between) {
      await service.kill();
      await between?.();
      service = await start();
    },
    async restartGently() {
      await service.close();
      service = await start();
    },
    async close() {
      await Promise.all(ports.map((port) => port.close()));
      await service.kill();
    },
  };
}

/** A PIDF as a simple phone publishes it. */
export function pidf(user: string, basic: 'open' | 'closed', note = '', tuple = 't1'): string {
  const noted = note === '' ? '' : `<note>${note}</note>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${uri(user)}"><tuple id="${tuple}"><status><basic>${basic}</basic></status>${noted}</tuple></presence>`;
}
