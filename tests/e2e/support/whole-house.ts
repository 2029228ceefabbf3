import { join } from 'node:path';
import { systemClock } from '#runtime';
import { BARESIP, type Phone, startPhone } from '../../support/baresip.ts';
import { freePort } from '../../support/ports.ts';
import { openPlace, type Place, type Running, toolsInstalled } from '../../support/processes.ts';
import { makePeer, type Peer } from '../../support/sip-peer.ts';
import { openPeerPort } from '../../support/udp-port.ts';

/** Porchlight as `npm start` starts it, from an empty DATA_DIR. */
export interface WholeHouse {
  /** As the greeting says it, without a slash at its end. */
  readonly portal: string;
  /** Where it listens by UDP. */
  readonly sipPort: number;
  readonly start: Running;
  /** A baresip, set up with what the portal's page says. */
  phone(settings: PhoneSettings, watches?: readonly string[]): Promise<Phone>;
  /** A scripted phone, by UDP. */
  peer(user: string, password: string): Promise<Peer>;
  close(): Promise<void>;
}

/** From the page “My phones”, and the password that its reader knows. */
export interface PhoneSettings {
  readonly username: string;
  readonly password: string;
  readonly server: string;
}

export const hasPhones = (): boolean => toolsInstalled('e2e: the whole promise', BARESIP);

export async function startWholeHouse(domain: string): Promise<WholeHouse> {
  const [sipPort, webPort] = [await freePort('0.0.0.0'), await freePort('0.0.0.0')];
  const place: Place = await openPlace();
  const start = place.script('services/start.mjs', [], {
    DATA_DIR: join(place.folder, 'fresh'),
    SIP_DOMAIN: domain,
    SIP_LISTEN: `udp:0.0.0.0:${sipPort}`,
    WEB_LISTEN: `127.0.0.1:${webPort}`,
    // What the event package says, as for anybody who sets nothing.
    NOTIFY_PACE: '',
  });
  try {
    await start.until(/Ctrl-C ends it/);
  } catch (fault) {
    await place.close();
    throw fault;
  }
  const peers: Peer[] = [];
  const told = start.lines.map(({ text }) => /Portal\s+(http:\S+)\//.exec(text)?.[1]).find((url) => url !== undefined);
  return {
    portal: told ?? '',
    sipPort,
    start,
    phone: ({ username, password, server }, watches = []) =>
      startPhone(place, { user: username, password, server, watches }),
    async peer(user, password) {
      const transport = await openPeerPort();
      const address = transport.name.replace('udp:', '');
      const server = `127.0.0.1:${sipPort}`;
      const made = makePeer({ transport, clock: systemClock, address, server, user, domain, password });
      peers.push(made);
      return made;
    },
    async close() {
      await Promise.all(peers.map((peer) => peer.close()));
      await place.close();
    },
  };
}
