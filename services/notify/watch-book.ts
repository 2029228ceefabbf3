import { stateKey } from '#compositor';
import { type Aor, type DialogIdentity, parentEvent } from '#model';
import { detached } from '#runtime';
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
  const everybody = new Set<Live>();
  const byId = new Map<string, Live>();
  const byDialog = new Map<string, Live>();
  const byPresentity = makeMany<Live>();
  const byWatcher = makeMany<Live>();
  /** The few of packages about watchers. */
  const following = makeMany<Live>();

  function retire({ subscription }: Live): void {
    const { id, dialog } = subscription;
    byId.delete(id);
    byDialog.delete(dialogText(dialog));
  }

  return {
    add(live) {
      const { id, presentity, watcher, dialog, event } = live.subscription;
      everybody.add(live);
      byId.set(id, live);
      byDialog.set(detached(dialogText(dialog)), live);
      byPresentity.add(presentity, live);
      byWatcher.add(watcher, live);
      if (parentEvent(event) !== undefined) following.add(stateKey(presentity, event), live);
    },
    retire,
    remove(live) {
      if (!everybody.delete(live)) return;
      retire(live);
      const { presentity, watcher, event } = live.subscription;
      byPresentity.remove(presentity, live);
      byWatcher.remove(watcher, live);
      if (parentEvent(event) !== undefined) following.remove(stateKey(presentity, event), live);
    },
    byId: (id) => byId.get(id),
    inDialog: (dialog) => byDialog.get(dialogText(dialog)),
    followers: (presentity, event) => following.of(stateKey(presentity, event)),
    countFollowers: (presentity, event) => following.count(stateKey(presentity, event)),
    watching: byPresentity.of,
    by: byWatcher.of,
    countBy: byWatcher.count,
    all: () => everybody,
    get size() {
      return byId.size;
    },
  };
}

/** The tag that we gave it comes first: it alone is unique, and a look-up that fails has compared little. */
function dialogText({ callId, localTag, remoteTag }: DialogKey): string {
  return `${localTag}\0${remoteTag}\0${callId}`;
}
