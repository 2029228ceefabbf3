import type { Aor } from './aor.ts';

/**
 * A question that outlived its subscription (RFC 3857 §4.7.1, `waiting`): somebody asked to see this presentity's state, and
 * nobody has decided. There is no dialog any more; whoever asks again begins a new subscription.
 */
export interface WaitingSubscription {
  /** That of the subscription: watcher information knows it by this before and after. */
  readonly id: string;
  readonly presentity: Aor;
  /** Event package name, canonical. */
  readonly event: string;
  /** The authenticated account. */
  readonly watcher: Aor;
  /** The phone's own word for itself, at most 128 characters. */
  readonly userAgent: string;
  /** When it was asked, epoch ms. */
  readonly askedAt: number;
  /** When the server gives up waiting for an answer, epoch ms. */
  readonly expiresAt: number;
}
