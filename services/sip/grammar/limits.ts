/** What one message may cost us before anybody is known (RFC 3261 §21.5.7, §21.4.11). All sizes in bytes. */
export interface Limits {
  /** Start line and header fields together, without the empty line. Beyond: 513. */
  readonly head: number;
  /** Header rows. Beyond: 513. */
  readonly fields: number;
  /** One header field's value. Beyond: 513. */
  readonly value: number;
  /** Content-Length. Beyond: 413. */
  readonly body: number;
}

/** Parameters of one value or URI. Beyond: malformed, like one that occurs twice. */
export const MOST_PARAMS = 64;

/** A datagram can hold no longer head; 8 KiB is four times the longest value of RFC 4475's torture messages. */
export const LIMITS: Limits = { head: 65_535, fields: 256, value: 8192, body: 262_144 };
