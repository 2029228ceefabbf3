import type { Watcher } from '#model';
import type { Telling, Told } from '../contract.ts';
import { element, writeXml, type XmlElement } from '../xml/index.ts';
import { type Watcherinfo, whoAndHow } from './watcherinfo.ts';

export const WATCHERINFO_TYPE = 'application/watcherinfo+xml';

const NAMESPACE = 'urn:ietf:params:xml:ns:watcherinfo';
const PREFIXES = new Map([[NAMESPACE, '']]);

/** What the documents of one subscription have said so far. */
export interface Remembered {
  /** Of the last document (RFC 3858 §3). */
  readonly version: number;
  /** What each watcher in the receiver's table is, by id; those it was told have ended are no longer in it. */
  readonly table: ReadonlyMap<string, string>;
}

/**
 * Writes application/watcherinfo+xml (RFC 3858): whole, or only the watchers that changed since the last document
 * (RFC 3857 §4.7.2). One that is gone, and of which is no longer known how it ended, makes the document whole: the receiver then
 * empties its table (RFC 3858 §4).
 */
export function writeWatcherinfo(state: Watcherinfo, telling: Telling<Remembered>): Told<Remembered> {
  const { memory, from, now } = telling;
  const changed = memory === undefined || telling.whole ? undefined : changesSince(memory, state);
  const version = memory === undefined ? from : memory.version + 1;
  const list = element(
    NAMESPACE,
    'watcher-list',
    { resource: state.resource, package: state.package },
    (changed ?? state.watchers).map((watcher) => elementOf(watcher, now)),
  );
  const root = element(
    NAMESPACE,
    'watcherinfo',
    { version: String(version), state: changed === undefined ? 'full' : 'partial' },
    [list],
  );
  const table = new Map(state.watchers.map((watcher) => [watcher.id, whoAndHow(watcher)]));
  return { body: writeXml(root, PREFIXES), memory: { version, table } };
}

/** Undefined when it cannot be said. */
function changesSince({ table }: Remembered, { watchers, ended }: Watcherinfo): readonly Watcher[] | undefined {
  const changed = watchers.filter((watcher) => table.get(watcher.id) !== whoAndHow(watcher));
  const standing = new Set(watchers.map(({ id }) => id));
  for (const id of table.keys()) {
    if (standing.has(id)) continue;
    const last = ended.get(id);
    if (last === undefined) return undefined;
    changed.push(last);
  }
  return changed;
}

function elementOf({ id, aor, status, event, since, expiresAt }: Watcher, now: number): XmlElement {
  const spans =
    status === 'terminated'
      ? {}
      : {
          expiration: expiresAt === undefined ? undefined : seconds(expiresAt - now),
          'duration-subscribed': seconds(now - since),
        };
  return element(NAMESPACE, 'watcher', { id, status, event, ...spans }, [aor]);
}

function seconds(ms: number): string {
  return String(Math.max(0, Math.floor(ms / 1000)));
}
