import { LRUCache } from 'lru-cache';
import type { Clock, Log } from '#runtime';
import type { SipUri } from '../message.ts';
import { locate, type Target } from './locate.ts';
import type { Names } from './names.ts';

/** Finds where SIP URIs lead (RFC 3263), remembers it for a while, and never asks much at once: the names are strangers'. */
export interface Locator {
  /** Never rejects; nothing where the DNS does not answer in time, or too much is being asked. At once where it is known. */
  find(uri: SipUri, family: 4 | 6): readonly Target[] | Promise<readonly Target[]>;
}

export interface LocatorOptions {
  readonly names: Names;
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in [0, 1). */
  readonly chance: () => number;
}

/** Names that are remembered. */
const MOST_NAMES = 2_000;
/** Lookups at once: beyond, nothing is found. */
const MOST_LOOKUPS = 32;
const KNOWN_MS = 60_000;
/** For what leads nowhere, or could not be asked. */
const UNKNOWN_MS = 30_000;
/** What waits for it is a NOTIFY. */
const LONGEST_MS = 2_000;
/** RFC 2606 §2, RFC 7118 §5.1: a browser has no address, and says so by this. */
const NOWHERE = /(?:^|\.)invalid\.?$/;
const NOTHING: readonly Target[] = [];

export function makeLocator({ names, clock, log, chance }: LocatorOptions): Locator {
  const perf = { now: () => clock.now() };
  const known = new LRUCache<string, readonly Target[]>({ max: MOST_NAMES, ttl: KNOWN_MS, ttlResolution: 0, perf });
  const underWay = new Map<string, Promise<readonly Target[]>>();

  async function ask(key: string, uri: SipUri, family: 4 | 6): Promise<readonly Target[]> {
    const asked = locate(uri, family, { names, chance }).catch((fault: unknown) => {
      log.debug({ host: uri.host, fault: String(fault) }, 'a name could not be looked up');
      return NOTHING;
    });
    // One that is late is still being asked, and counts as such.
    void asked.then(() => underWay.delete(key));
    const targets = await Promise.race([asked, inTime()]);
    known.set(key, targets, { ttl: targets.length === 0 ? UNKNOWN_MS : KNOWN_MS });
    return targets;
  }

  function inTime(): Promise<readonly Target[]> {
    return new Promise((resolve) => void clock.after(LONGEST_MS, () => resolve(NOTHING)));
  }

  return {
    find(uri, family) {
      if (NOWHERE.test(uri.host)) return NOTHING;
      const key = `${family} ${uri.scheme}:${uri.host}:${uri.port ?? ''};${uri.params.get('transport') ?? ''}`;
      const before = known.get(key) ?? underWay.get(key);
      if (before !== undefined) return before;
      if (underWay.size >= MOST_LOOKUPS) return NOTHING;
      const asking = ask(key, uri, family);
      underWay.set(key, asking);
      return asking;
    },
  };
}
