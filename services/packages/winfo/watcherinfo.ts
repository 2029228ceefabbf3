import type { Aor, Watcher } from '#model';

/** The watchers of one resource and package (RFC 3858 §3), as far as one document tells of them. */
export interface Watcherinfo {
  readonly resource: Aor;
  /** The parent event package. */
  readonly package: string;
  /** Those who ask or watch now, in the order they are told. */
  readonly watchers: readonly Watcher[];
  /** Those who ended lately, by id. */
  readonly ended: ReadonlyMap<string, Watcher>;
}

/** The most watchers that are told of: a document of more reaches no phone in one piece. */
export const MAX_WATCHERS = 1000;

/** Whom the presentity must decide about comes first: also of more than can be told. */
const RANK = { pending: 0, waiting: 1, active: 2, terminated: 3 } as const;

export function watcherinfoOf(resource: Aor, parent: string, watchers: readonly Watcher[]): Watcherinfo {
  const standing: Watcher[] = [];
  const ended = new Map<string, Watcher>();
  for (const watcher of watchers) {
    if (watcher.status === 'terminated') ended.set(watcher.id, watcher);
    else standing.push(watcher);
  }
  standing.sort(inOrder);
  return { resource, package: parent, watchers: standing.slice(0, MAX_WATCHERS), ended };
}

/** What must not change unsaid: identity, status, and what brought it there. Spans of time go by themselves. */
export function whoAndHow({ aor, status, event }: Watcher): string {
  return `${aor} ${status} ${event}`;
}

function inOrder(one: Watcher, other: Watcher): number {
  return RANK[one.status] - RANK[other.status] || one.since - other.since || (one.id < other.id ? -1 : 1);
}
