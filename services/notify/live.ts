import type { Permission, Subscription, SubscriptionState, TerminationReason, Watcher } from '#model';
import type { Timer } from '#runtime';
import type { SentRequest } from '#sip';
import type { DocumentMemory } from '#watchers';

/**
 * Why a NOTIFY is wanted, weakest first. `state`: what is published changed; waits for the pace, and is skipped when the
 * watcher would see no difference. `review`: a rule or an account may have changed, or we have just started; does not
 * wait. `request`: the watcher asked (RFC 6665 §4.2.1.2); always sent.
 */
export const WISHES = ['state', 'review', 'request'] as const;
export type Wish = (typeof WISHES)[number];

export function strongerWish(one: Wish | undefined, other: Wish): Wish {
  return one === undefined || WISHES.indexOf(other) > WISHES.indexOf(one) ? other : one;
}

/** What goes into one NOTIFY. */
export interface Drawing {
  readonly state: Extract<SubscriptionState, 'pending' | 'active' | 'terminated'>;
  /** Told with `terminated`. */
  readonly reason?: TerminationReason;
  /** Seconds after which the watcher may subscribe again (RFC 6665 §4.1.3); of `probation` and `giveup` alone. */
  readonly retryAfter?: number;
  /** What the rules say now. */
  readonly permission: Permission;
  readonly body: Uint8Array | undefined;
  readonly contentType: string;
  /** Of state and body together: equal when the watcher would see no difference. */
  readonly fingerprint: string;
  /** What a document that builds on the one before leaves for the next. */
  readonly memory?: DocumentMemory;
}

/** A subscription at work: the row as committed, and what only this process knows. Mutable, owned by the desk. */
export interface Live {
  subscription: Subscription;
  /** Whether there is a row; a fetch has none, and an ended subscription no longer. */
  stored: boolean;
  /** It was over when it began (RFC 6665 §4.4.3): one NOTIFY and nothing kept. */
  readonly isFetch: boolean;
  /** CSeq of the next NOTIFY; never used twice, not even across restarts (RFC 6665 §4.2.2, RFC 3261 §12.2.1.1). */
  nextCseq: number;
  /**
   * The fingerprint of what was put on the wire last, whatever came back: the same is not said twice unasked. A watcher who
   * answers with errors must not learn from our attempts that something happens which it may not see.
   */
  shown: string;
  /** What the rules said of it. */
  shownUnder: Permission;
  /** What its documents have said so far, where they build on each other. */
  memory: DocumentMemory | undefined;
  /** The last document may not have arrived: the next one stands for itself. */
  missed: boolean;
  /** A mark of what it was told is being written: the row may say so by now. */
  marking: boolean;
  /** The decision that was last noted for the row. */
  noted: Decided;
  wish: Wish | undefined;
  /** A rule may have changed since the last drawing began: nothing drawn before may be sent, or go on being sent. */
  reviewDue: boolean;
  /** Set once; the next NOTIFY is the last. */
  ending: Ending | undefined;
  /** A NOTIFY is being made: rules are asked, a CSeq is reserved. */
  drawing: boolean;
  /** The one NOTIFY that awaits its final response. */
  inFlight: InFlight | undefined;
  /** How many of the last NOTIFYs nothing came back for, until Timer F. */
  unanswered: number;
  /** No paced NOTIFY before this moment, epoch ms. */
  notBeforeAt: number;
  /** Since when there is something to tell; see `lowBits`. */
  askedAt: number;
  /** When it last took what it was told, or a mark of that was last tried; see `lowBits`. */
  toldAt: number;
  timer: Timer | undefined;
  /** The terminated NOTIFY is out: nothing more is sent. */
  closed: boolean;
}

export type Decided = Pick<Subscription, 'state' | 'permission' | 'cause'>;

export interface Ending {
  readonly reason: TerminationReason;
  /** Whether the last NOTIFY carries the state, if the rules allow it: after an unsubscribe or a fetch. */
  readonly withState: boolean;
}

export interface InFlight {
  readonly sent: SentRequest;
  readonly drawing: Drawing;
}

/** They are few, and many subscriptions have one of them. */
const decisions: Decided[] = [];

function decidedOnce({ state, permission, cause }: Decided): Decided {
  for (const known of decisions) {
    if (known.state === state && known.permission === permission && known.cause === cause) return known;
  }
  const decided = { state, permission, cause };
  decisions.push(decided);
  return decided;
}

export function makeLive(subscription: Subscription, nextCseq: number, stored = true): Live {
  const { permission, told } = subscription;
  return {
    subscription,
    stored,
    isFetch: !stored,
    nextCseq,
    shown: told,
    shownUnder: permission,
    memory: undefined,
    missed: false,
    marking: false,
    noted: decidedOnce(subscription),
    wish: undefined,
    reviewDue: false,
    ending: undefined,
    drawing: false,
    inFlight: undefined,
    unanswered: 0,
    notBeforeAt: 0,
    askedAt: 0,
    toldAt: 0,
    timer: undefined,
    closed: false,
  };
}

/** More than twelve days of milliseconds. */
const LOW_BITS = 0x3fff_ffff;

/** The low bits alone of a moment, which take no memory of their own. */
export function lowBits(now: number): number {
  return now & LOW_BITS;
}

/** How long ago such a moment was, ms. */
export function sinceMs(moment: number, now: number): number {
  return (now - moment) & LOW_BITS;
}

/** As watcher information tells of it (RFC 3858 §3). */
export function watcherOf({ subscription, noted }: Live): Watcher {
  const { id, watcher, createdAt, expiresAt } = subscription;
  return { id, aor: watcher, status: noted.state, event: noted.cause, since: createdAt, expiresAt };
}
