/**
 * What an event package is (RFC 6665 §5.4). A package is one object of pure, synchronous, total functions; time is
 * passed in, and timestamps in documents come from the publications, never from the moment of rendering.
 *
 * `Document` is the package's own form of one publication, `State` its own form of many made one. The server never looks
 * inside either.
 */
import type { Aor, Duration, Permission } from '#model';

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

/** One body format of the package's NOTIFYs. */
export interface Format<State> {
  /** MIME type in lower case, `application/pidf+xml`. */
  readonly type: string;
  write(state: State): Uint8Array;
}

export interface EventPackage<Document = unknown, State = unknown> {
  /** Event package name, canonical (lower case). */
  readonly name: string;
  /** RFCs implemented, for people: `RFC 3856`. */
  readonly implements: readonly string[];
  readonly duration: Duration;
  /** Default for the shortest time between two NOTIFYs to one watcher, in seconds (RFC 3856 §6.10). */
  readonly pace: number;
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
