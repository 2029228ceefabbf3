import { LRUCache } from 'lru-cache';
import type { EntityTag, Publication } from '#model';
import { type Clock, detached } from '#runtime';

/** Entity-tags that were replaced a moment ago, for clients whose profile gives them a grace. In memory alone. */
export interface ReplacedTags {
  /** @param graceMs how long the entity-tag of before is still taken. */
  note(before: Publication, callId: string, graceMs: number): void;
  /** The id of the publication that the entity-tag named until a moment ago, when it was replaced under this Call-ID. */
  find(etag: EntityTag, callId: string): string | undefined;
}

const REMEMBERED = 10_000;

export function makeReplacedTags(clock: Pick<Clock, 'now'>): ReplacedTags {
  const replaced = new LRUCache<string, { readonly id: string; readonly callId: string; readonly until: number }>({
    max: REMEMBERED,
  });
  return {
    note: ({ etag, id }, callId, graceMs) =>
      void replaced.set(etag, { id, callId: detached(callId), until: clock.now() + graceMs }),
    find(etag, callId) {
      const found = replaced.get(etag);
      return found !== undefined && found.callId === callId && clock.now() < found.until ? found.id : undefined;
    },
  };
}
