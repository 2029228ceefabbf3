import { LRUCache } from 'lru-cache';
import type { Subscription } from '#model';
import { type Clock, every, type Log } from '#runtime';
import type { PastWatcher, PastWatchers } from '#store';
import { makeBatch } from './batch.ts';

/** Writes down who watched whom, once they watch no longer. */
export interface PastWatcherBook {
  /** A subscription has ended, or was a single look (RFC 6665 §4.4.3). */
  ended(subscription: Subscription): void;
  flush(): Promise<void>;
  close(): void;
}

export interface PastWatcherNeeds {
  readonly pastWatchers: Pick<PastWatchers, 'write' | 'purge'>;
  readonly clock: Clock;
  readonly log: Log;
}

const WRITE_EVERY_MS = 5_000;
const CAPACITY = 20_000;
/** Phones that look every half minute are noted every ten. */
const LOOK_AGAIN_MS = 600_000;
const PURGE_EVERY_MS = 3_600_000;
export const PAST_WATCHERS_KEPT_MS = 30 * 86_400_000;

export function makePastWatcherBook({ pastWatchers, clock, log }: PastWatcherNeeds): PastWatcherBook {
  const noted = new LRUCache<string, number>({ max: CAPACITY });
  const batch = makeBatch<PastWatcher>({
    everyMs: WRITE_EVERY_MS,
    capacity: CAPACITY,
    write: (rows) => pastWatchers.write(rows),
    clock,
    log,
  });
  const purging = every(
    clock,
    PURGE_EVERY_MS,
    async () => void (await pastWatchers.purge(clock.now() - PAST_WATCHERS_KEPT_MS)),
    (fault) => log.warn({ fault: String(fault) }, 'old watchers stay'),
  );

  return {
    ended({ presentity: owner, watcher, event, userAgent: client, createdAt, expiresAt }) {
      if (watcher === owner) return;
      const now = clock.now();
      const key = `${owner} ${watcher} ${event}`;
      const isSingleLook = expiresAt <= createdAt;
      if (isSingleLook && (noted.get(key) ?? Number.NEGATIVE_INFINITY) > now - LOOK_AGAIN_MS) return;
      noted.set(key, now);
      batch.put(key, { owner, watcher, event, client, firstAt: createdAt, lastAt: now });
    },
    flush: batch.flush,
    close() {
      batch.close();
      purging.cancel();
    },
  };
}
