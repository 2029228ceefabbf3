/** How long soft state may live, in seconds (RFC 6665 §4.2.1.1, RFC 3903 §6 step 4). */
export interface Duration {
  readonly min: number;
  /** Granted when the request names none. */
  readonly usual: number;
  readonly max: number;
}

export type Grant =
  | { readonly kind: 'granted'; readonly expires: number }
  | { readonly kind: 'too-brief'; readonly min: number };

/**
 * Decides the seconds to grant. 423 is only for 0 < requested < min, and never for an hour or more
 * (RFC 6665 §4.2.1.1: "less than one hour"); 0 always passes.
 */
export function grantExpiry(requested: number | undefined, duration: Duration): Grant {
  if (requested === undefined) return { kind: 'granted', expires: duration.usual };
  if (requested > 0 && requested < duration.min && requested < 3600) return { kind: 'too-brief', min: duration.min };
  return { kind: 'granted', expires: Math.min(requested, duration.max) };
}
