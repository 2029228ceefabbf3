/**
 * A Change says *look at this again*, never what to think of it: seen twice, late or out of order it costs time, never
 * truth. Between processes it is a journal row; inside one process it is a value on the bell.
 */
export type Change =
  /** The access list or the owner's settings of this AOR. */
  | { readonly kind: 'rules'; readonly subject: string }
  /** The account or its credentials: password, disabled, deleted. */
  | { readonly kind: 'account'; readonly subject: string }
  /** The publications of this AOR for one event package. */
  | { readonly kind: 'state'; readonly subject: string; readonly event: string }
  /** Which event packages are loaded. */
  | { readonly kind: 'packages'; readonly subject: '' }
  /** Everything: the reader is older than the journal, or a rule for all was changed. */
  | { readonly kind: 'everything'; readonly subject: '' };

export type ChangeKind = Change['kind'];
