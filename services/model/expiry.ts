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
 * (RFC 6665 §4.2.1.1: "less than one hour"); 0 always passes. What is asked for is granted to the second; where it has to
 * be shortened anyway it is shortened by up to a tenth more, so that phones that came up together after a power cut do not
 * come back together every hour.
 *
 * @param spread evenly from [0, 1).
 */
export function grantExpiry(requested: number | undefined, duration: Duration, spread: number): Grant {
  if (requested === undefined) return { kind: 'granted', expires: duration.usual };
  if (requested > 0 && requested < duration.min && requested < 3600) return { kind: 'too-brief', min: duration.min };
  if (requested <= duration.max) return { kind: 'granted', expires: requested };
  const shortest = Math.max(duration.min, Math.ceil(duration.max * 0.9));
  return { kind: 'granted', expires: duration.max - Math.floor(spread * (duration.max - shortest + 1)) };
}
