/**
 * What an event package is (RFC 6665 §5.4). A package is one object of pure, synchronous, total functions; time is
 * passed in. What it tells of is its `feed`: what devices publish ({@link EventPackage}), or who watches another package
 * ({@link WatcherPackage}).
 *
 * `Document` is the package's own form of one publication, `State` its own form of what is told, `Memory` what a format
 * wants to know of the document before. The server never looks inside any of them.
 */
import type { Aor, Duration, Permission, Watcher } from '#model';

/** One publication, read. */
export interface Published<Document> {
  readonly document: Document;
  /** When its body last changed, epoch ms. */
  readonly modifiedAt: number;
  /** When it began, epoch ms: its first body is of then, later ones are not. Absent where nobody wrote it down. */
  readonly createdAt?: number;
  /** Stable per publication, for telling devices apart: 1 to 64 of [A-Za-z0-9_-], in no order of time. */
  readonly id: string;
}

export type ReadPublication<Document> =
  | { readonly kind: 'document'; readonly document: Document }
  /** 415: not a type this package reads. */
  | { readonly kind: 'unsupported' }
  /** 400: the right type, but not what its RFC says. `why` goes into the reason phrase. */
  | { readonly kind: 'malformed'; readonly why: string };

/** One body format of NOTIFYs that look the same to all who may see the same: written once for all of them. */
export interface Format<State> {
  /** MIME type in lower case, `application/pidf+xml`. */
  readonly type: string;
  write(state: State): Uint8Array;
}

/** What one watcher is told, and was told before in the same subscription. */
export interface Telling<Memory> {
  /** What the format left when it last wrote for this subscription; undefined when it never did, or when that is forgotten. */
  readonly memory: Memory | undefined;
  /** Whether the document must stand for itself: the watcher asked (RFC 6665 §4.2.1.2), or may have missed the one before. */
  readonly whole: boolean;
  /**
   * Where counting begins when there is no memory: 0 in a new subscription, after a restart above every number that can
   * have been used in it.
   */
  readonly from: number;
  /** Epoch ms, for spans that are told relative to now. */
  readonly now: number;
}

export interface Told<Memory> {
  readonly body: Uint8Array;
  /** Handed back with the next document of the subscription. Not changed any more: what was written may not be sent. */
  readonly memory: Memory;
}

/** One body format whose documents depend on the one before: numbered, or only what changed since. */
export interface PartialFormat<State, Memory> {
  /** MIME type in lower case, `application/watcherinfo+xml`. */
  readonly type: string;
  write(state: State, telling: Telling<Memory>): Told<Memory>;
}

/** What every package says of itself. */
interface Package {
  /** Event package name, canonical (lower case). */
  readonly name: string;
  /** RFCs implemented, for people: `RFC 3856`. */
  readonly implements: readonly string[];
  readonly duration: Duration;
  /** Default for the shortest time between two NOTIFYs to one watcher, in seconds (RFC 3856 §6.10). */
  readonly pace: number;
}

/** A package of what devices publish. Timestamps in documents come from the publications, never from the moment of rendering. */
export interface EventPackage<Document = unknown, State = unknown> extends Package {
  /** As if it were there when it is not. */
  readonly feed?: 'publications';
  /** The first one is used where the SUBSCRIBE has no Accept (RFC 6665 §3.1.3). Never empty. */
  readonly formats: readonly [Format<State>, ...Format<State>[]];
  /** MIME types that PUBLISH may carry, for the Accept header of a 415; empty when the package takes no PUBLISH. */
  readonly publishes: readonly string[];
  readPublication(contentType: string, body: Uint8Array, presentity: Aor): ReadPublication<Document>;
  /** Makes one state of a presentity's publications; the newest is last. @param now epoch ms, for elements with a time window. */
  compose(presentity: Aor, published: readonly Published<Document>[], now: number): State;
  /** What a watcher with this permission may see of the state. Called for `allow` and `polite-block` only. */
  conceal(state: State, permission: Permission, presentity: Aor): State;
  /** What is told where nothing is published, and to politely blocked watchers: stable over time (RFC 3856 §6.6.2, §6.7). */
  neutral(presentity: Aor): State;
  /** When the composed state changes by itself next (RFC 4480 from/until), epoch ms; undefined when never. */
  nextChange?(published: readonly Published<Document>[], now: number): number | undefined;
}

/**
 * A package of those who watch another one (RFC 3857): its name is that one's and `.winfo`. Only the presentity itself may
 * subscribe, so nothing is concealed; nobody publishes.
 */
export interface WatcherPackage<State = unknown, Memory = unknown> extends Package {
  readonly feed: 'watchers';
  /** The first one is used where the SUBSCRIBE has no Accept. Never empty. */
  readonly formats: readonly [PartialFormat<State, Memory>, ...PartialFormat<State, Memory>[]];
  /**
   * @param watchers everybody whose subscription to `presentity` stands or waits, in no order; among them, as `terminated`,
   * some that ended lately: as many as are remembered.
   */
  compose(presentity: Aor, watchers: readonly Watcher[]): State;
  /** A text that is equal for states between which there is nothing to tell. */
  essence(state: State): string;
}

export type AnyPackage = EventPackage | WatcherPackage;
