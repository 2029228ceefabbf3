/** What went wrong in the database, in the words that decide what is done next. Anything else that is thrown is a bug. */
export type DatabaseFaultKind =
  /** A deadlock or a lock that was not given in time: all was rolled back, trying again is right. */
  | 'busy'
  /** A row that the tables do not take; all was rolled back. */
  | 'bad-row'
  /** Like bad-row: a key that stands already. */
  | 'taken'
  /** The database is away; nothing was committed. */
  | 'unreachable'
  /** The connection was cut at COMMIT: whether it happened must be read again. */
  | 'outcome-unknown'
  /** Another process has taken the role under which this one writes; nothing was written. */
  | 'not-ours';

export class DatabaseFault extends Error {
  override readonly name = 'DatabaseFault';
  readonly kind: DatabaseFaultKind;
  constructor(kind: DatabaseFaultKind, message: string, cause?: unknown) {
    // Whoever tells of an unreachable database says so in their own words.
    super(kind === 'unreachable' ? message : `${kind}: ${message}`, { cause });
    this.kind = kind;
  }
}
