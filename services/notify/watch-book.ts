import { stateKey } from '#compositor';
import { type Aor, type DialogIdentity, parentEvent } from '#model';
import { WideMap } from '#runtime';
import type { Live } from './live.ts';
import { makeMany } from './many.ts';

/** All live subscriptions, also those for whose presentity nothing is published yet. */
export interface WatchBook {
  add(live: Live): void;
  /** It has ended: no request finds it any more, but a review still does, until its last NOTIFY is answered. */
  retire(live: Live): void;
  remove(live: Live): void;
  byId(id: string): Live | undefined;
  /** The one subscription of a dialog (RFC 6665 §4.5.1); tags and Call-ID byte for byte. */
  inDialog(dialog: DialogKey): Live | undefined;
  /** Everybody who follows who watches this presentity, by a package such as `presence.winfo`. */
  followers(presentity: Aor, event: string): Iterable<Live>;
  /** How many those are; looked up at each change of any watcher, of whom there may be many. */
  countFollowers(presentity: Aor, event: string): number;
  /** Everybody who watches this presentity, whatever of it; also those whose last NOTIFY is not answered yet. */
  watching(presentity: Aor): Iterable<Live>;
  /** Everything that this watcher watches, or is still being told about. */
  by(watcher: Aor): Iterable<Live>;
  /** How many those are. */
  countBy(watcher: Aor): number;
  all(): Iterable<Live>;
  /** How many have not ended. */
  readonly size: number;
}

export type DialogKey = Pick<DialogIdentity, 'callId' | 'localTag' | 'remoteTag'>;

export function makeWatchBook(): WatchBook {
  const byId = new WideMap<string, Live>();
  /** Those that have ended, until they are removed. */
  const retired = new Set<Live>();
  /** By the tag that we gave it, which is nobody else's: a key that is there anyway. */
  const byTag = makeMany<Live>();
  const byPresentity = makeMany<Live>();
  const byWatcher = makeMany<Live>();
  /** The few of packages about watchers. */
  const following = makeMany<Live>();

  function retire(live: Live): void {
    const { id, dialog } = live.subscription;
    if (byId.get(id) !== live) return;
    byId.delete(id);
    byTag.remove(dialog.localTag, live);
    retired.add(live);
  }

  return {
    add(live) {
      const { id, presentity, watcher, dialog, event } = live.subscription;
      byId.set(id, live);
      byTag.add(dialog.localTag, live);
      byPresentity.add(presentity, live);
      byWatcher.add(watcher, live);
      if (parentEvent(event) !== undefined) following.add(stateKey(presentity, event), live);
    },
    retire,
    remove(live) {
      retire(live);
      if (!retired.delete(live)) return;
      const { presentity, watcher, event } = live.subscription;
      byPresentity.remove(presentity, live);
      byWatcher.remove(watcher, live);
      if (parentEvent(event) !== undefined) following.remove(stateKey(presentity, event), live);
    },
    byId: (id) => byId.get(id),
    inDialog(dialog) {
      for (const live of byTag.of(dialog.localTag)) if (isOf(live.subscription.dialog, dialog)) return live;
      return undefined;
    },
    followers: (presentity, event) => following.of(stateKey(presentity, event)),
    countFollowers: (presentity, event) => following.count(stateKey(presentity, event)),
    watching: byPresentity.of,
    by: byWatcher.of,
    countBy: byWatcher.count,
    *all() {
      yield* byId.values();
      yield* retired;
    },
    get size() {
      return byId.size;
    },
  };
}

function isOf(one: DialogKey, { callId, localTag, remoteTag }: DialogKey): boolean {
  return one.localTag === localTag && one.remoteTag === remoteTag && one.callId === callId;
}
