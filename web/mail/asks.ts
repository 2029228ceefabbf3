import type { FastifyInstance } from 'fastify';
import type { Aor } from '#model';
import { every, type Timer } from '#runtime';
import type { PortalDeps } from '../deps.ts';
import { makeLimit } from '../plugins/limits.ts';
import { addressWords } from '../words/protocol.ts';
import { mailIn } from './address.ts';

/** The SIP side knows nothing of mail: the portal looks. */
const LOOK_EVERY_MS = 30_000;
/** The same watcher is told of once a day. */
const DAY_MS = 86_400_000;
const AT_ONCE = 200;
/** Letters to one owner, however many ask: strangers can make accounts, and must not be able to fill a letter box. */
const PER_OWNER = { burst: 4, refillMs: 3_600_000 };
/** Named in one letter. */
const NAMED = 10;

/** Tells by mail those who wish it that somebody asks to watch them. Several portals at once send no letter twice. */
export function mailAsks(pages: FastifyInstance, deps: PortalDeps): void {
  const { store, clock, log, mailer, url } = deps;
  if (mailer === undefined || url === undefined) return;
  const perOwner = makeLimit(clock, PER_OWNER);
  let looking: Timer | undefined;
  let turn = 0;
  pages.addHook('onReady', async () => {
    looking = every(clock, LOOK_EVERY_MS, look, (fault) =>
      log.warn({ fault: String(fault) }, 'who asks could not be read: it is mailed later'),
    );
  });
  pages.addHook('onClose', async () => looking?.cancel());

  async function look(): Promise<void> {
    const now = clock.now();
    const since = now - DAY_MS;
    if (turn++ % 120 === 0) await store.notices.purge(since);
    const asking = new Map<Aor, Aor[]>();
    for (const { owner, watcher } of await store.notices.due(now, since, AT_ONCE)) {
      asking.set(owner, [...(asking.get(owner) ?? []), watcher]);
    }
    for (const [owner, watchers] of asking) {
      const { address, words } = mailIn(await store.preferences.of(owner));
      const claimed: Aor[] = [];
      for (const watcher of watchers) {
        if (await store.notices.claim({ owner, watcher }, now, since)) claimed.push(watcher);
      }
      if (address === undefined || claimed.length === 0 || perOwner.take(owner) > 0) continue;
      const names = claimed.slice(0, NAMED).map(addressWords);
      const letter = words.mail.letters.asks(
        addressWords(owner),
        names,
        claimed.length - names.length,
        `${url}watchers`,
      );
      mailer?.send({ to: address, ...letter });
    }
  }
}
