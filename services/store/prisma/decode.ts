/** Columns as the two databases give them: numbers; in a transaction of MySQL BIGINTs are decimal texts. */

export function toNumber(column: unknown): number {
  return Number(column);
}

export function toText(column: unknown): string {
  return column as string;
}

/** A copy of its own: a driver's buffer may be a window on a whole packet. */
export function toBytes(column: unknown): Uint8Array {
  return Uint8Array.from(column as Uint8Array);
}
