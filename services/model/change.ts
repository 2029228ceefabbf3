import type { Aor } from './aor.ts';

/**
 * A Change says *look at this again*, never what to think of it: seen twice, late or out of order it costs time, never
 * truth. Between processes it is a journal row; inside one process it is a value on the bell.
 */
export type Change =
  /** The access list or the owner's settings of this AOR. */
  | { readonly kind: 'rules'; readonly subject: string }
  /**
   * The account or its credentials: password, disabled, deleted. `gone` when it was deleted: what was its is over, also
   * where another person has taken the name since.
   */
  | { readonly kind: 'account'; readonly subject: string; readonly gone?: true }
  /** The publications of this AOR for one event package. */
  | { readonly kind: 'state'; readonly subject: string; readonly event: string }
  /** The administrator ends this subscription; `subject` is its presentity. Seen again, there is nothing left to end. */
  | { readonly kind: 'subscription'; readonly subject: Aor; readonly id: string }
  /** This publication was written or removed by another process than the SIP service; `subject` is its presentity. */
  | { readonly kind: 'published'; readonly subject: Aor; readonly id: string }
  /** What this AOR has switched on. */
  | { readonly kind: 'preferences'; readonly subject: string }
  /** Somebody looks at what was seen of this AOR's phones, and would like to see it now. */
  | { readonly kind: 'sightings'; readonly subject: string }
  /** The administrator removes this publication; `subject` is its presentity. */
  | { readonly kind: 'publication'; readonly subject: Aor; readonly id: string }
  /** Which event packages are loaded. */
  | { readonly kind: 'packages'; readonly subject: '' }
  /** The administrator would have this event package loaded anew, from the module it has. */
  | { readonly kind: 'reload'; readonly subject: ''; readonly event: string }
  /** Everything: the reader is older than the journal, or a rule for all was changed. */
  | { readonly kind: 'everything'; readonly subject: '' };

export type ChangeKind = Change['kind'];
