/** The part of the port about soft state: publications, subscriptions, and the questions that outlive them. Written in groups. */
import type { Aor, EntityTag, Publication, Subscription, WaitingSubscription } from '#model';

export type PublicationWrite =
  /** Refused as `stale` when the id exists already. */
  | { readonly kind: 'insert'; readonly publication: Publication }
  /** Only where the row still carries `expected`. Presentity, event and publisher are what they were. */
  | { readonly kind: 'replace'; readonly expected: EntityTag; readonly publication: Publication }
  /** Only where the row still carries `expected`: its entity-tag and its end move, all else is left as it is. */
  | { readonly kind: 'refresh'; readonly expected: EntityTag; readonly publication: Publication }
  /** Only where the row still carries `expected`. */
  | { readonly kind: 'remove'; readonly expected: EntityTag; readonly id: string };

export type WriteOutcome =
  | 'written'
  /** The row is not as expected: another etag, or gone. */
  | 'stale'
  /** The row itself cannot be kept (too long, out of range); others of its batch were. */
  | 'refused';

export interface Publications {
  /** Committed in groups; each caller gets their own outcome. */
  write(write: PublicationWrite): Promise<WriteOutcome>;
  /** Everything, for the start; in pages, order of id. Expired rows are included. */
  all(): AsyncIterable<readonly Publication[]>;
  find(id: string): Promise<Publication | undefined>;
  /** One presentity's, all events, unexpired at `now`, newest last. */
  of(presentity: Aor, now: number): Promise<readonly Publication[]>;
  /**
   * As {@link write}, by another process than the SIP service and alone: with a Change `published`, so that the service
   * takes up what the row says now.
   */
  writeFromOutside(presentity: Aor, write: PublicationWrite): Promise<WriteOutcome>;
}

export type SubscriptionWrite =
  | { readonly kind: 'insert'; readonly subscription: Subscription }
  /**
   * Changes the row of the same id; `stale` when there is none. Who watches what, and the ids of the dialog, are what they
   * were. `before`, where the caller knows that the row is so, spares the columns that are equal.
   */
  | { readonly kind: 'update'; readonly subscription: Subscription; readonly before?: Subscription }
  | { readonly kind: 'remove'; readonly id: string };

export interface Subscriptions {
  /** Committed in groups; each caller gets their own outcome. */
  write(write: SubscriptionWrite): Promise<WriteOutcome>;
  all(): AsyncIterable<readonly Subscription[]>;
  find(id: string): Promise<Subscription | undefined>;
  /** Who watches one presentity, unexpired at `now`, oldest first. */
  of(presentity: Aor, now: number): Promise<readonly Subscription[]>;
}

export type WaitingWrite =
  /** In the place of whatever this watcher has waiting at the same presentity and package. */
  | { readonly kind: 'keep'; readonly waiting: WaitingSubscription }
  /** Only the row of this id; done, too, where there is none any more. */
  | { readonly kind: 'remove'; readonly waiting: WaitingSubscription };

/** Questions that outlived their subscriptions (RFC 3857 §4.7.1). */
export interface Waitings {
  /** Committed in groups; each caller gets their own outcome. */
  write(write: WaitingWrite): Promise<Exclude<WriteOutcome, 'stale'>>;
  /** Everything, in pages, order of id. Expired rows are included. */
  all(): AsyncIterable<readonly WaitingSubscription[]>;
  find(id: string): Promise<WaitingSubscription | undefined>;
  /** Who waits for one presentity, unexpired at `now`, the oldest question first. */
  of(presentity: Aor, now: number): Promise<readonly WaitingSubscription[]>;
}
