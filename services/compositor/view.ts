import { createHash } from 'node:crypto';

/** What one kind of watcher sees of a presentity's state, ready to be sent. */
export interface View {
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Equal for equal bodies, and only for them; 16 characters. */
  readonly fingerprint: string;
}

export function makeView(body: Uint8Array, contentType: string): View {
  const fingerprint = createHash('sha256')
    .update(contentType)
    .update('\0')
    .update(body)
    .digest('base64url')
    .slice(0, 16);
  return { body, contentType, fingerprint };
}
