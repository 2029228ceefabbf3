import { LRUCache } from 'lru-cache';
import type { Publication } from '#model';

/**
 * Documents that were read from publications, so that composing need not read them again: those that were just read, until they
 * are composed, and those that are composed together with others, at each change of any of them.
 */
export interface Documents {
  /** Undefined where the body has to be read. */
  of(publication: Publication): Read | undefined;
  /** It was just read. */
  note(publication: Publication, document: unknown): void;
  /** It will be wanted again when others of its presentity change. */
  keep(publication: Publication, document: unknown): void;
  /** It was composed, and stands alone: when it is wanted again it will be another one. */
  letGo(publication: Publication): void;
  clear(): void;
}

interface Read {
  /** The very bytes that it was read from. */
  readonly body: Uint8Array;
  readonly document: unknown;
}

/** All that nobody looks at stay among them. */
const JUST_READ = 4096;

/** @param max how many are kept. */
export function makeDocuments(max: number): Documents {
  const noted = new LRUCache<string, Read>({ max: JUST_READ });
  const kept = new LRUCache<string, Read>({ max });
  const ofBody = (read: Read | undefined, body: Uint8Array): Read | undefined =>
    read?.body === body ? read : undefined;

  return {
    of: ({ id, body }) => ofBody(noted.get(id), body) ?? ofBody(kept.get(id), body),
    note: ({ id, body }, document) => void noted.set(id, { body, document }),
    letGo({ id }) {
      noted.delete(id);
      kept.delete(id);
    },
    keep({ id, body }, document) {
      noted.delete(id);
      if (kept.get(id)?.body !== body) kept.set(id, { body, document });
    },
    clear() {
      noted.clear();
      kept.clear();
    },
  };
}
