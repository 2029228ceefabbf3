import type { Deed } from './deed.ts';
import type { Device, Name } from './people.ts';
import { writePresence } from './presence-document.ts';
import { makePublishing } from './publishing.ts';
import type { UserAgent } from './user-agent.ts';
import { makeWatching, type News, type Watching } from './watching.ts';

/** A simulated phone: does what the day tells it to, and keeps it up. */
export interface Phone {
  readonly device: Device;
  act(deed: Deed): void;
  close(): Promise<void>;
}

export interface PhoneOptions {
  readonly device: Device;
  readonly agent: UserAgent;
  readonly addressOf: (name: Name) => string;
  readonly onNews: (device: Device, whom: Name, news: News) => void;
}

export function makePhone({ device, agent, addressOf, onNews }: PhoneOptions): Phone {
  let publishing = makePublishing(agent);
  const watching = new Map<Name, Watching>();

  function fallSilent(): void {
    publishing.fallSilent();
    for (const each of watching.values()) each.fallSilent();
    watching.clear();
    // What was under way must not come back to life when the phone is switched on again.
    publishing = makePublishing(agent);
  }

  return {
    device,
    act(deed) {
      switch (deed.kind) {
        case 'says':
          publishing.say(writePresence(agent.aor, idOf(device), deed.statement, agent.clock.now()));
          return;
        case 'watches':
          if (watching.get(deed.whom)?.isOver !== false) {
            const { whom } = deed;
            watching.set(
              whom,
              makeWatching(agent, addressOf(whom), (news) => onNews(device, whom, news)),
            );
          }
          return;
        case 'leaves':
          publishing.takeBack();
          for (const each of watching.values()) each.end();
          watching.clear();
          return;
        case 'dies':
          fallSilent();
          return;
      }
    },
    async close() {
      fallSilent();
      await agent.close();
    },
  };
}

/** `desk-phone`: tuple ids are names. */
const idOf = ({ title }: Device): string => title.replaceAll(' ', '-');
