import type { Clock, Random, Timer } from '#runtime';
import type { Endpoint, Flow, Incoming } from '#sip';
import { DAY, DAY_ENDS, MINUTE_MS } from './day.ts';
import { describeDeed, minuteOf } from './deed.ts';
import type { Person } from './household.ts';
import { DEVICES, type Device, type Name } from './people.ts';
import { makePhone, type Phone } from './phone.ts';
import { openUserAgent } from './user-agent.ts';
import type { News } from './watching.ts';

export interface PlayOptions {
  readonly people: readonly Person[];
  readonly domain: string;
  /** Where the service listens by UDP. */
  readonly server: Pick<Flow, 'address' | 'port'>;
  readonly clock: Clock;
  readonly random: Random;
  /** One for each phone, with a port of its own. */
  readonly openEndpoint: (handle: (incoming: Incoming) => void) => Promise<Endpoint>;
  /** What happens, a line at a time. */
  readonly say: (line: string) => void;
}

/** Lives the day again and again until it is ended. */
export async function playDays(options: PlayOptions): Promise<{ end(): Promise<void> }> {
  const { domain, clock, say } = options;
  const first = DAY[0];
  if (first === undefined) throw new Error('the day is empty');
  const phones = new Map<Device, Phone>();
  for (const device of DEVICES) phones.set(device, await open(device));
  const addressOf = (name: Name): string => `sip:${name}@${domain}`;
  let beganAt = clock.now();
  let timer: Timer | undefined;

  async function open(device: Device): Promise<Phone> {
    const password = options.people.find(({ name }) => name === device.owner)?.password ?? '';
    const title = `${capital(device.owner)}'s ${device.title} (Porchlight demo)`;
    const agent = await openUserAgent({ ...options, user: device.owner, password, title });
    return makePhone({ device, agent, addressOf: (name) => addressOf(name), onNews });
  }

  function onNews({ owner, title }: Device, whom: Name, news: News): void {
    say(`${timeNow()}  ${owner}, ${title}: ${newsWords(news, capital(whom))}`);
  }

  const sinceMs = (at: string): number => (minuteOf(at) - minuteOf(first.at)) * MINUTE_MS;

  function timeNow(): string {
    const minute = minuteOf(first?.at ?? '') + Math.floor((clock.now() - beganAt) / MINUTE_MS);
    return [minute / 60, minute % 60].map((part) => String(Math.floor(part)).padStart(2, '0')).join(':');
  }

  function goOn(index: number): void {
    const moment = DAY[index];
    timer = clock.after(beganAt + sinceMs(moment?.at ?? DAY_ENDS) - clock.now(), () => {
      if (moment === undefined) {
        say(`${DAY_ENDS}  … and the next day begins`);
        beganAt += sinceMs(DAY_ENDS);
        goOn(0);
        return;
      }
      const line = describeDeed(moment);
      if (line !== undefined) say(line);
      phones.get(moment.device)?.act(moment.deed);
      goOn(index + 1);
    });
  }

  goOn(0);
  return {
    async end() {
      timer?.cancel();
      await Promise.all([...phones.values()].map((phone) => phone.close()));
    },
  };
}

function newsWords(news: News, whom: string): string {
  switch (news) {
    case 'is-let-in':
      return `watches ${whom}`;
    case 'must-wait':
      return `asks to see ${whom}, and waits for an answer (portal, as ${whom.toLowerCase()}: Watchers)`;
    case 'is-refused':
      return `is refused by ${whom}`;
  }
}

const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
