import { LRUCache } from 'lru-cache';
import type { Aor, Permission, Publication } from '#model';
import type { HostedPublications, Published, Registry } from '#packages';
import type { Clock, Deadlines } from '#runtime';
import { makeDeadlines } from '#runtime';
import { type PublicationBook, readStateKey, stateKey } from './book.ts';
import { makeView, type View } from './view.ts';

/** Permissions with which anything is seen at all. */
export type SeeingPermission = Extract<Permission, 'allow' | 'polite-block'>;

export interface Compositor {
  /**
   * What a watcher with this permission sees now; composed once per change and shared.
   * @returns undefined when the event package is not loaded, is not about publications, or does not write this type.
   * @throws PackageFault when the package failed.
   */
  view(presentity: Aor, event: string, permission: SeeingPermission, contentType: string): View | undefined;
  /** What tells nothing, in this form: for watchers who may not see anything yet. Returns and throws as `view` does. */
  neutral(presentity: Aor, event: string, contentType: string): View | undefined;
  /** The publications of this presentity and package changed: what was composed is no longer true. */
  changed(presentity: Aor, event: string): void;
  /** A document that was just read, so that composing need not read it again. */
  remember(publication: Publication, document: unknown): void;
  /** An event package was loaded, replaced or unloaded: nothing composed or read by it is true any more. */
  forgetAll(): void;
  close(): void;
}

export interface CompositorNeeds {
  readonly book: PublicationBook;
  readonly registry: Registry;
  readonly clock: Clock;
  /** The state changed by itself, because an element's time window opened or closed (RFC 4480 §3.1 from/until). */
  readonly onTimedChange: (presentity: Aor, event: string) => void;
  /** How many presentities' bodies, and how many read documents, are kept at hand. */
  readonly capacity?: number;
}

const CAPACITY = 50_000;

type Views = Map<string, View>;

export function makeCompositor(needs: CompositorNeeds): Compositor {
  const { book, registry, clock } = needs;
  const max = needs.capacity ?? CAPACITY;
  const composed = new LRUCache<string, Views>({ max });
  const documents = new LRUCache<string, { readonly body: Uint8Array; readonly document: unknown }>({ max });
  const windows: Deadlines<string> = makeDeadlines(clock, (key) => {
    composed.delete(key);
    const { presentity, event } = readStateKey(key);
    needs.onTimedChange(presentity, event);
  });

  function view(presentity: Aor, event: string, permission: SeeingPermission, contentType: string): View | undefined {
    const eventPackage = registry.find(event);
    if (eventPackage?.feed !== 'publications' || !eventPackage.formats.includes(contentType)) return undefined;
    const key = stateKey(presentity, event);
    let views = composed.get(key);
    if (views === undefined) {
      views = new Map();
      composed.set(key, views);
    }
    const name = `${permission} ${contentType}`;
    let ready = views.get(name);
    if (ready === undefined) {
      ready = compose(eventPackage, presentity, permission, contentType);
      views.set(name, ready);
    }
    return ready;
  }

  function neutral(presentity: Aor, event: string, contentType: string): View | undefined {
    const eventPackage = registry.find(event);
    if (eventPackage?.feed !== 'publications' || !eventPackage.formats.includes(contentType)) return undefined;
    return makeView(eventPackage.neutral(presentity, contentType), contentType);
  }

  function compose(
    eventPackage: HostedPublications,
    presentity: Aor,
    permission: SeeingPermission,
    contentType: string,
  ): View {
    const now = clock.now();
    const published: Published<unknown>[] = [];
    for (const publication of book.of(presentity, eventPackage.name, now)) {
      const document = read(eventPackage, publication);
      if (document !== undefined) published.push(document);
    }
    const key = stateKey(presentity, eventPackage.name);
    const next = published.length === 0 ? undefined : eventPackage.nextChange(published, now);
    if (next === undefined) windows.delete(key);
    else windows.set(key, next);
    return makeView(eventPackage.render(presentity, published, permission, contentType, now), contentType);
  }

  /** A publication of an earlier release that its package no longer reads is left out, not a fault. */
  function read(eventPackage: HostedPublications, publication: Publication): Published<unknown> | undefined {
    const { id, modifiedAt, createdAt, body } = publication;
    const times = createdAt === undefined ? { modifiedAt } : { modifiedAt, createdAt };
    const remembered = documents.get(id);
    if (remembered?.body === body) return { document: remembered.document, ...times, id };
    const reading = eventPackage.readPublication(publication.contentType, body, publication.presentity);
    if (reading.kind !== 'document') return undefined;
    documents.set(id, { body, document: reading.document });
    return { document: reading.document, ...times, id };
  }

  return {
    view,
    neutral,
    changed: (presentity, event) => void composed.delete(stateKey(presentity, event)),
    remember: (publication, document) => void documents.set(publication.id, { body: publication.body, document }),
    forgetAll() {
      composed.clear();
      documents.clear();
    },
    close: () => windows.close(),
  };
}
