/** Devices that publish, and watchers, each as a loop of its own over whatever the network does to them. */
import { pidf, uri } from '../../support/house.ts';
import type { Notify, Peer, Watch } from '../../support/sip-peer.ts';
import type { World } from './world.ts';

/** In every document of `owner` that is more than neutral. */
export const secretOf = (owner: string): string => `secret of ${owner} `;

export interface Device {
  /** Says something last, in weather that lets it through. */
  finish(): Promise<void>;
}

/** Publishes, refreshes, changes, removes, forgets; begins anew after a 412. */
export function runDevice(world: World, owner: string, tuple: string): { device: Device; done: Promise<void> } {
  const peer = world.device(owner);
  let etag: string | undefined;
  let said = 0;

  async function publish(expires: number, body: string | undefined): Promise<number> {
    const known = etag === undefined ? {} : { etag };
    const { status, header } = await peer.publish({ ...known, expires, ...(body === undefined ? {} : { body }) });
    if (status === 200) etag = expires === 0 ? undefined : header('SIP-ETag');
    if (status === 412) etag = undefined;
    return status;
  }

  function document(): string {
    said += 1;
    return pidf(owner, world.chance() < 0.7 ? 'open' : 'closed', `${secretOf(owner)}${tuple} ${said}.`, tuple);
  }

  async function live(): Promise<void> {
    while (world.isOn) {
      await world.sleep(world.between(2_000, 25_000));
      const dice = world.chance();
      const expires = world.between(60, 300);
      if (etag === undefined || dice < 0.65) await publish(expires, document());
      else if (dice < 0.8) await publish(expires, undefined);
      else if (dice < 0.92) await publish(0, undefined);
      // Forgets what it published: an orphan, until it ends by itself.
      else etag = undefined;
    }
  }

  return {
    device: {
      async finish() {
        const last = document();
        while ((await publish(3_600, last)) !== 200) await world.sleep(1_000);
      },
    },
    done: live(),
  };
}

export interface Watcher {
  readonly user: string;
  readonly owner: string;
  readonly peer: Peer;
  /** Of the subscription it holds to be alive. */
  readonly watch: Watch | undefined;
  /** All that it ever had. */
  readonly watches: readonly Watch[];
  /** Whoever has no subscription, and may have one, gets one. @returns whether it had one already. */
  settle(): Promise<boolean>;
  /** What a fetch says now. */
  fetch(): Promise<Notify | undefined>;
}

/** Subscribes, refreshes, leaves, comes again; is mute or out of order for a while. */
export function runWatcher(world: World, user: string, owner: string): { watcher: Watcher; done: Promise<void> } {
  const peer = world.device(user);
  const watches: Watch[] = [];
  let watch: Watch | undefined;

  async function subscribe(): Promise<void> {
    const asked = await peer.subscribe({
      to: uri(owner),
      expires: world.between(60, world.chance() < 0.5 ? 300 : 3_000),
    });
    watches.push(asked);
    if (asked.response.status === 200) watch = asked;
  }

  async function oddMinute(mine: Watch): Promise<void> {
    mine.answerWith(world.pick(['silence', 'silence', 500, 503, 481] as const));
    await world.sleep(world.between(5_000, 60_000));
    mine.answerWith(200);
  }

  async function live(): Promise<void> {
    while (world.isOn) {
      await world.sleep(world.between(3_000, 40_000));
      const dice = world.chance();
      if (watch === undefined || watch.last?.state === 'terminated') {
        watch = undefined;
        await subscribe();
      } else if (dice < 0.5) {
        const { status } = await watch.refresh({ expires: world.between(60, world.chance() < 0.5 ? 300 : 3_000) });
        if (status === 481) watch = undefined;
      } else if (dice < 0.6) {
        await watch.unsubscribe();
        watch = undefined;
      } else if (dice < 0.75) await oddMinute(watch);
    }
  }

  return {
    watcher: {
      user,
      owner,
      peer,
      watches,
      get watch() {
        return watch;
      },
      async settle() {
        if (watch !== undefined && watch.last?.state !== 'terminated') return true;
        watch = undefined;
        const asked = await peer.subscribe({ to: uri(owner), expires: 3_600 });
        if (asked.response.status === 200) watch = asked;
        return false;
      },
      async fetch() {
        const asked = await peer.subscribe({ to: uri(owner), expires: 0 });
        if (asked.response.status !== 200) return undefined;
        await world.sleep(40_000);
        return asked.last;
      },
    },
    done: live(),
  };
}
