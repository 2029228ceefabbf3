import type { Aor } from './aor.ts';
import type { Permission } from './permission.ts';
import type { WatcherEvent } from './watcher.ts';

/** RFC 6665 §4.1.3. */
export const SUBSCRIPTION_STATES = ['pending', 'active', 'terminated'] as const;
export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number];

/** Why a subscription ended, verbatim on the wire (RFC 6665 §4.1.3). */
export const TERMINATION_REASONS = [
  'deactivated',
  'probation',
  'rejected',
  'timeout',
  'giveup',
  'noresource',
  'invariant',
] as const;
export type TerminationReason = (typeof TERMINATION_REASONS)[number];

export interface Subscription {
  /** Ours, 22 characters. */
  readonly id: string;
  readonly presentity: Aor;
  /** Event package name, canonical. */
  readonly event: string;
  /** The Event header's `id` parameter, compared byte for byte; '' when absent. */
  readonly eventId: string;
  /** The authenticated account, never the From text. */
  readonly watcher: Aor;
  readonly state: 'pending' | 'active';
  /** What the rules said when the watcher was last told. */
  readonly permission: Permission;
  /** What brought it into its state (RFC 3857 §4.7.1): it began so, or its presentity approved it. */
  readonly cause: Extract<WatcherEvent, 'subscribe' | 'approved'>;
  /** MIME type of the NOTIFY bodies, chosen from Accept. */
  readonly contentType: string;
  /** When it ends unless refreshed, epoch ms. */
  readonly expiresAt: number;
  readonly createdAt: number;
  readonly userAgent: string;
  readonly dialog: DialogIdentity;
  /** NOTIFY CSeq values up to this one are reserved in the database: after a restart the next one is above it. */
  readonly reservedCseq: number;
  /** Fingerprint of what the watcher was last told, written lazily; '' when nothing is known. */
  readonly told: string;
}

/** What is needed to send inside the dialog again after a restart (RFC 3261 §12.1.1, our side is the UAS). */
export interface DialogIdentity {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** URI texts of To and From of the SUBSCRIBE, without tags: our side, the watcher's side. */
  readonly localUri: string;
  readonly remoteUri: string;
  /** The watcher's Contact URI. */
  readonly remoteTarget: string;
  /** Record-Route values of the initial SUBSCRIBE, in the order our requests use them. */
  readonly routeSet: readonly string[];
  /** CSeq of the last accepted SUBSCRIBE. */
  readonly remoteCseq: number;
  /** Where the SUBSCRIBE came from: `udp:192.0.2.1:5060`, and through which of our listening points. */
  readonly flow: string;
}
