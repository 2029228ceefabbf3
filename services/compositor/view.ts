import { createHash } from 'node:crypto';

/** What one kind of watcher sees of a presentity's state, ready to be sent. */
export interface View {
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Equal for equal bodies, and only for them; 16 characters. */
  readonly fingerprint: string;
}

export function makeView(body: Uint8Array, contentType: string): View {
  return { body, contentType, fingerprint: fingerprintOf(contentType, body) };
}

/** 16 characters, equal for equal arguments and only for them. */
export function fingerprintOf(contentType: string, told: Uint8Array | string): string {
  return createHash('sha256').update(contentType).update('\0').update(told).digest().toString('base64url', 0, 12);
}
