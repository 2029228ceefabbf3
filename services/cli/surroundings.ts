import { createSocket } from 'node:dgram';
import { lookup, resolveSrv } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { createServer, isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isProcessAlive, thisHost } from '#node';
import { type Clock, ConfigError, type ListeningPoint, readConfig, silentLog } from '#runtime';
import { findUnopened, inspectDatabase, openSecrets, openStore } from '#store';
import type { Surroundings } from './check.ts';
import { keyPlaceOf } from './key-place.ts';

const ANSWER_MS = 2_000;

/** The machine as it is. */
export function realSurroundings(clock: Clock): Surroundings {
  return {
    config: () => readConfig(),
    key: (config) => void keyPlaceOf(config).current(),
    async database({ databaseUrl }) {
      const path = databaseUrl.startsWith('file:') ? databaseUrl.slice('file:'.length) : undefined;
      if (path !== undefined && !existsSync(path)) {
        throw new ConfigError(
          `there is no ${path}: start Porchlight once, or set DATA_DIR to where it keeps its files`,
        );
      }
      return inspectDatabase(databaseUrl);
    },
    async unopened(config) {
      const secrets = openSecrets(() => keyPlaceOf(config).all());
      const store = await openStore(config.databaseUrl, { clock, log: silentLog });
      try {
        const found = await findUnopened(store, secrets);
        return found && `${found.username} (realm ${found.realm})`;
      } finally {
        await store.close();
      }
    },
    async service({ databaseUrl }) {
      const store = await openStore(databaseUrl, { clock, log: silentLog });
      try {
        const lease = await store.leases.read('sip');
        if (lease === undefined) return undefined;
        if (lease.host !== thisHost()) return 'elsewhere';
        return isProcessAlive(lease.pid) ? 'here' : undefined;
      } finally {
        await store.close();
      }
    },
    answers: (point, domain) => (point.transport === 'udp' ? answersByUdp(clock, point, domain) : isTaken(point)),
    listen: tryToListen,
    async addresses(host) {
      if (isIP(host) !== 0) return [host];
      return (await lookup(host, { all: true })).map(({ address }) => address);
    },
    async servers(domain) {
      const asked = ['_sip._udp', '_sip._tcp'].map((service) => resolveSrv(`${service}.${domain}`).catch(() => []));
      return [...new Set((await Promise.all(asked)).flat().map(({ name }) => name))];
    },
    ownAddresses: () =>
      Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address)),
    isContainer: () => existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
  };
}

/** Where a socket that is bound to every address can be spoken to from here. */
function nearAddress(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

function answersByUdp(clock: Clock, { address, port }: ListeningPoint, domain: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const patience = clock.after(ANSWER_MS, () => end(false));
    const end = (answered: boolean): void => {
      patience.cancel();
      socket.close();
      resolve(answered);
    };
    socket.once('error', () => end(false));
    socket.once('message', (bytes) => end(bytes.toString('latin1').startsWith('SIP/2.0 ')));
    const number = `${process.pid}${clock.now()}`;
    const request = [
      `OPTIONS sip:${domain} SIP/2.0`,
      `Via: SIP/2.0/UDP ${isIPv6(address) ? '[::1]' : '127.0.0.1'};branch=z9hG4bK${number};rport`,
      'Max-Forwards: 70',
      `From: <sip:check@${domain}>;tag=${number}`,
      `To: <sip:${domain}>`,
      `Call-ID: ${number}@check`,
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n');
    socket.send(request, port, nearAddress(address));
  });
}

/** @throws ConfigError in words. */
function tryToListen({ transport, address, port }: ListeningPoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (fault: NodeJS.ErrnoException): void =>
      reject(new ConfigError(refusal(fault.code ?? fault.message, address)));
    if (transport === 'udp') {
      const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
      socket.once('error', failed);
      socket.bind({ port, address, exclusive: true }, () => socket.close(() => resolve()));
    } else {
      const server = createServer();
      server.once('error', failed);
      server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve()));
    }
  });
}

function refusal(code: string, address: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return `taken by another program on ${address}`;
    case 'EACCES':
      return 'may not be opened by this user';
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${address}`;
    default:
      return code;
  }
}

async function isTaken(point: ListeningPoint): Promise<boolean> {
  return tryToListen(point).then(
    () => false,
    () => true,
  );
}
