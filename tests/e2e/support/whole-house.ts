import { join } from 'node:path';
import { BARESIP, type Phone, startPhone } from '../../support/baresip.ts';
import { freePort } from '../../support/ports.ts';
import { openPlace, type Place, type Running, toolsInstalled } from '../../support/processes.ts';

/** Porchlight as `npm start` starts it, from an empty DATA_DIR. */
export interface WholeHouse {
  /** As the greeting says it, without a slash at its end. */
  readonly portal: string;
  /** Where it listens by UDP. */
  readonly sipPort: number;
  readonly start: Running;
  /** A baresip, set up with what the portal's page says. */
  phone(settings: PhoneSettings, watches?: readonly string[]): Promise<Phone>;
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
  const told = start.lines.map(({ text }) => /Portal\s+(http:\S+)\//.exec(text)?.[1]).find((url) => url !== undefined);
  return {
    portal: told ?? '',
    sipPort,
    start,
    phone: ({ username, password, server }, watches = []) =>
      startPhone(place, { user: username, password, server, watches }),
    close: () => place.close(),
  };
}
