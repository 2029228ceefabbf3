import type { Aor, WaitingSubscription } from '#model';
import type { Watched } from './watched.ts';

/** All questions that wait, one for each watcher, presentity and event package. */
export interface WaitingBook {
  /** In the place of the one it has the same key as; it counts as the youngest from then on. */
  put(waiting: WaitingSubscription): void;
  drop(waiting: WaitingSubscription): void;
  byId(id: string): WaitingSubscription | undefined;
  find(watched: Watched, watcher: Aor): WaitingSubscription | undefined;
  of(watched: Watched): readonly WaitingSubscription[];
  /** Everybody who waits for this presentity, whatever of it; the oldest first. */
  at(presentity: Aor): readonly WaitingSubscription[];
  /** Everything that this watcher waits for; the oldest first. */
  by(watcher: Aor): readonly WaitingSubscription[];
  all(): readonly WaitingSubscription[];
}

type Shelf = Map<Aor, Map<string, WaitingSubscription>>;

export function makeWaitingBook(): WaitingBook {
  const byId = new Map<string, WaitingSubscription>();
  const byPresentity: Shelf = new Map();
  const byWatcher: Shelf = new Map();

  const find: WaitingBook['find'] = ({ presentity, event }, watcher) =>
    byPresentity.get(presentity)?.get(`${event} ${watcher}`);

  function drop(waiting: WaitingSubscription): void {
    byId.delete(waiting.id);
    takeFrom(byPresentity, waiting.presentity, `${waiting.event} ${waiting.watcher}`);
    takeFrom(byWatcher, waiting.watcher, `${waiting.event} ${waiting.presentity}`);
  }

  return {
    put(waiting) {
      const before = find(waiting, waiting.watcher);
      if (before !== undefined) drop(before);
      byId.set(waiting.id, waiting);
      addTo(byPresentity, waiting.presentity, `${waiting.event} ${waiting.watcher}`, waiting);
      addTo(byWatcher, waiting.watcher, `${waiting.event} ${waiting.presentity}`, waiting);
    },
    drop,
    byId: (id) => byId.get(id),
    find,
    of: ({ presentity, event }) => listed(byPresentity, presentity).filter((waiting) => waiting.event === event),
    at: (presentity) => listed(byPresentity, presentity),
    by: (watcher) => listed(byWatcher, watcher),
    all: () => [...byId.values()],
  };
}

function listed(shelf: Shelf, aor: Aor): readonly WaitingSubscription[] {
  return [...(shelf.get(aor)?.values() ?? [])];
}

function addTo(shelf: Shelf, aor: Aor, key: string, waiting: WaitingSubscription): void {
  const there = shelf.get(aor);
  if (there === undefined) shelf.set(aor, new Map([[key, waiting]]));
  else there.set(key, waiting);
}

function takeFrom(shelf: Shelf, aor: Aor, key: string): void {
  const there = shelf.get(aor);
  there?.delete(key);
  if (there?.size === 0) shelf.delete(aor);
}
