/**
 * The `winfo` template (RFC 3857, documents RFC 3858): who watches, or would like to watch, a presentity, told to the
 * presentity itself. Made for any package: `presence.winfo` tells of `presence`. Pure: watchers in, XML out.
 */
import { parentEvent } from '#model';
import type { WatcherPackage } from '../contract.ts';
import { type Watcherinfo, watcherinfoOf, whoAndHow } from './watcherinfo.ts';
import { type Remembered, WATCHERINFO_TYPE, writeWatcherinfo } from './write.ts';

/**
 * The package that `builtin:presence.winfo` names.
 * @returns undefined for what is no name of a winfo package, and for more than watchers of watchers (RFC 3857 §4.6).
 */
export function winfoPackage(name: string): WatcherPackage<Watcherinfo, Remembered> | undefined {
  const parent = parentEvent(name);
  const grandparent = parentEvent(parent ?? '');
  if (parent === undefined || parentEvent(grandparent ?? '') !== undefined) return undefined;
  return {
    name,
    feed: 'watchers',
    implements: ['RFC 3857', 'RFC 3858'],
    // RFC 3857 §4.4: an hour.
    duration: { min: 60, usual: 3600, max: 3600 },
    // RFC 3857 §4.10.
    pace: 5,
    formats: [{ type: WATCHERINFO_TYPE, write: writeWatcherinfo }],
    compose: (presentity, watchers) => watcherinfoOf(presentity, parent, watchers),
    essence: ({ watchers }) => watchers.map((watcher) => `${watcher.id} ${whoAndHow(watcher)}`).join('\n'),
  };
}
