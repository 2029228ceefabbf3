import type { Aor, EntityTag, Publication } from '#model';
import { WideMap } from '#runtime';

/** All publications there are, as the database has them: found by presentity and package, then by entity-tag. */
export interface PublicationBook {
  /** The unexpired publication that this entity-tag names, in the scope of presentity and package (RFC 3903 §4.1). */
  find(presentity: Aor, event: string, etag: EntityTag, now: number): Publication | undefined;
  /** Unexpired ones, the last modified last. */
  of(presentity: Aor, event: string, now: number): readonly Publication[];
  /** All of one presentity's, of every package, expired ones too. */
  ofPresentity(presentity: Aor): readonly Publication[];
  /** Whoever is added meanwhile may be seen or not. */
  all(): Iterable<Publication>;
  /** Adds the publication, or puts it in the place of the one with the same id. */
  keep(publication: Publication): void;
  drop(publication: Publication): void;
  byId(id: string): Publication | undefined;
  readonly size: number;
}

/** What one presentity's state of one package is found by. */
export const stateKey = (presentity: Aor, event: string): string => `${event} ${presentity}`;

export function readStateKey(key: string): { readonly presentity: Aor; readonly event: string } {
  const space = key.indexOf(' ');
  return { event: key.slice(0, space), presentity: key.slice(space + 1) as Aor };
}

export function makePublicationBook(): PublicationBook {
  const byId = new WideMap<string, Publication>();
  const byState = new WideMap<string, readonly Publication[]>();
  /** The few packages that anything was ever published for. */
  const events = new Set<string>();

  const others = (publication: Publication, key: string): readonly Publication[] =>
    (byState.get(key) ?? []).filter((other) => other.id !== publication.id);

  return {
    find(presentity, event, etag, now) {
      const found = byState.get(stateKey(presentity, event))?.find((publication) => publication.etag === etag);
      return found === undefined || found.expiresAt <= now ? undefined : found;
    },
    of(presentity, event, now) {
      const kept = byState.get(stateKey(presentity, event)) ?? [];
      return kept.every((publication) => publication.expiresAt > now)
        ? kept
        : kept.filter((publication) => publication.expiresAt > now);
    },
    ofPresentity: (presentity) => [...events].flatMap((event) => byState.get(stateKey(presentity, event)) ?? []),
    all: () => byId.values(),
    keep(publication) {
      const key = stateKey(publication.presentity, publication.event);
      byId.set(publication.id, publication);
      events.add(publication.event);
      byState.set(key, [...others(publication, key), publication].sort(byTime));
    },
    drop(publication) {
      const key = stateKey(publication.presentity, publication.event);
      const left = others(publication, key);
      byId.delete(publication.id);
      if (left.length === 0) byState.delete(key);
      else byState.set(key, left);
    },
    byId: (id) => byId.get(id),
    get size() {
      return byId.size;
    },
  };
}

function byTime(one: Publication, other: Publication): number {
  return one.modifiedAt - other.modifiedAt || (one.id < other.id ? -1 : 1);
}
