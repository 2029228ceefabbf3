import { LIMITS } from '../grammar/index.ts';
import type { FramingLimits } from './framing.ts';

/** What streams may cost us before anybody is known. Sizes in bytes, spans in ms. */
export interface StreamLimits extends FramingLimits {
  /** Connections in all, and of one peer: an IPv4 address, or the /64 that one household or host has of IPv6. */
  readonly connections: number;
  readonly connectionsOfPeer: number;
  /** Incomplete messages, of all connections together. */
  readonly heldInAll: number;
  /** Waiting to be written on one connection: beyond `unread` nothing more is read from it, beyond `queued` it ends. */
  readonly unread: number;
  readonly queued: number;
  /** From the handshake to the first whole message. */
  readonly firstMessageMs: number;
  /** From the first byte of a message to its last. */
  readonly messageMs: number;
  /** How long a peer may leave what is queued unread. */
  readonly blockedMs: number;
  /** How long answers may take that a peer waits for which has ended its side. */
  readonly halfClosedMs: number;
  /** How long a connection that we have ended waits for the peer to end it, too. */
  readonly lingerMs: number;
  /**
   * Without a byte in either direction. A phone is told by the connection that its SUBSCRIBE came by, so that one must
   * outlive the longest pause between two refreshes, an hour; peers that have vanished are found by TCP's own keep-alive.
   */
  readonly idleMs: number;
  /** Likewise, for one that we have opened and can open again. */
  readonly ownIdleMs: number;
  /** How long the handshake of one of ours may take. */
  readonly connectMs: number;
}

export const STREAM_LIMITS: StreamLimits = {
  head: LIMITS.head,
  body: LIMITS.body,
  connections: 10_000,
  connectionsOfPeer: 1_000,
  heldInAll: 64 * 1024 * 1024,
  unread: 64 * 1024,
  queued: 1024 * 1024,
  firstMessageMs: 15_000,
  messageMs: 10_000,
  blockedMs: 30_000,
  halfClosedMs: 10_000,
  lingerMs: 2_000,
  idleMs: 2 * 3_600_000,
  ownIdleMs: 5 * 60_000,
  connectMs: 2_000,
};
