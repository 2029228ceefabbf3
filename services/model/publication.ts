import type { Aor } from './aor.ts';
import type { EntityTag } from './entity-tag.ts';

/** One piece of a presentity's soft state, from one device (RFC 3903 §4; the seed's Pdata). */
export interface Publication {
  /** Stable through refreshes and modifications, 22 characters, ours. Its order is no order of time. */
  readonly id: string;
  readonly presentity: Aor;
  /** Event package name, canonical. */
  readonly event: string;
  readonly etag: EntityTag;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** When the body last changed, epoch ms: the time that composed documents carry. */
  readonly modifiedAt: number;
  /** When it began, epoch ms; absent where that was not written down, before version 0.2. */
  readonly createdAt?: number;
  /** When it ends unless refreshed, epoch ms. */
  readonly expiresAt: number;
  /** Who published it: the authenticated account. */
  readonly publisher: Aor;
  /** The device's own word for itself (User-Agent), at most 128 characters, for people to read. */
  readonly userAgent: string;
  /**
   * What its device calls itself, where it says so (`instance:` and the URN of +sip.instance, RFC 5626 §4.1), or the Call-ID it
   * publishes under where that is as good (`call:`); at most {@link MAX_ORIGIN_LENGTH} characters.
   */
  readonly origin?: string;
}

export const MAX_ORIGIN_LENGTH = 128;

/** The largest body a publication may have, in bytes. */
export const MAX_BODY_BYTES = 65_536;
