import { LRUCache } from 'lru-cache';
import type { Aor, Permission, Publication } from '#model';
import type { HostedPublications, Published, Registry } from '#packages';
import type { Clock, Deadlines } from '#runtime';
import { makeDeadlines } from '#runtime';
import { type PublicationBook, readStateKey, stateKey } from './book.ts';
import { makeDocuments } from './documents.ts';
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
  /** How many presentities' bodies, and how many documents of those that publish several, are kept at hand. */
  readonly capacity?: number;
}

const CAPACITY = 50_000;

/** What one presentity's state of one package looks like, to each kind of watcher that has looked since it changed. */
interface Looks {
  ready: readonly Look[];
  /** How many there were before the change. */
  kinds: number;
}

interface Look {
  readonly permission: SeeingPermission;
  readonly view: View;
}

const NONE: readonly Look[] = [];

export function makeCompositor(needs: CompositorNeeds): Compositor {
  const { book, registry, clock } = needs;
  const max = needs.capacity ?? CAPACITY;
  const composed = new LRUCache<string, Looks>({ max });
  const documents = makeDocuments(max);
  const windows: Deadlines<string> = makeDeadlines(clock, (key) => {
    outdate(key);
    const { presentity, event } = readStateKey(key);
    needs.onTimedChange(presentity, event);
  });

  function outdate(key: string): void {
    const looks = composed.peek(key);
    if (looks === undefined || looks.ready === NONE) return;
    looks.kinds = looks.ready.length;
    looks.ready = NONE;
  }

  function view(presentity: Aor, event: string, permission: SeeingPermission, contentType: string): View | undefined {
    const eventPackage = registry.find(event);
    if (eventPackage?.feed !== 'publications' || !eventPackage.formats.includes(contentType)) return undefined;
    const key = stateKey(presentity, event);
    let looks = composed.get(key);
    if (looks === undefined) {
      looks = { ready: NONE, kinds: 1 };
      composed.set(key, looks);
    }
    for (const look of looks.ready) {
      if (look.permission === permission && look.view.contentType === contentType) return look.view;
    }
    const isLast = looks.ready.length + 1 >= looks.kinds;
    const composing = compose(eventPackage, presentity, permission, contentType, isLast);
    looks.ready = [...looks.ready, { permission, view: composing }];
    return composing;
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
    isLast: boolean,
  ): View {
    const now = clock.now();
    const published: Published<unknown>[] = [];
    const publications = book.of(presentity, eventPackage.name, now);
    for (const publication of publications) {
      const one = read(eventPackage, publication);
      if (one === undefined) continue;
      published.push(one);
      if (publications.length > 1) documents.keep(publication, one.document);
      else if (isLast) documents.letGo(publication);
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
    const known = documents.of(publication);
    if (known !== undefined) return { document: known.document, ...times, id };
    const reading = eventPackage.readPublication(publication.contentType, body, publication.presentity);
    if (reading.kind !== 'document') return undefined;
    documents.note(publication, reading.document);
    return { document: reading.document, ...times, id };
  }

  return {
    view,
    neutral,
    changed: (presentity, event) => outdate(stateKey(presentity, event)),
    remember: documents.note,
    forgetAll() {
      composed.clear();
      documents.clear();
    },
    close: () => windows.close(),
  };
}
