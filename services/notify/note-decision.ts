import type { Log } from '#runtime';
import type { WatcherRegister } from '#watchers';
import type { Amend } from './amend.ts';
import type { Decided, Drawing, Live } from './live.ts';

/**
 * The portal reads from the row what a watcher may see, and its presentity's phones are told: notes each decision that
 * differs from the one noted before.
 */
export type NoteDecision = (live: Live, drawing: Drawing) => void;

export function makeNoteDecision(needs: {
  readonly amend: Amend;
  readonly register: WatcherRegister;
  readonly log: Log;
}): NoteDecision {
  return function noteDecision(live, { state, permission }) {
    if (state === 'terminated' || live.ending !== undefined || !live.stored) return;
    if (live.noted.state === state && live.noted.permission === permission) return;
    const before = live.noted;
    const decision = { state, permission, cause: causeOf(before, state) };
    live.noted = decision;
    if (before.state !== state) needs.register.turned(live.subscription);
    needs.amend
      .update(live, () => decision)
      .catch((fault) => {
        // The next drawing notes it again; so does the review at the next start.
        if (live.noted === decision) live.noted = before;
        needs.log.warn({ id: live.subscription.id, fault: String(fault) }, 'a decision is not written yet');
      });
  };
}

/**
 * RFC 3857 §4.7.1, figure 1: from pending to active by `approved`. The way back (RFC 5025 §3.2.1, a rule that asks again) is no arrow
 * of the figure: it is told as what it amounts to, a subscription without a decision.
 */
function causeOf(before: Decided, state: Decided['state']): Decided['cause'] {
  if (before.state === state) return before.cause;
  return state === 'active' ? 'approved' : 'subscribe';
}
