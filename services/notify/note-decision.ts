import type { Log } from '#runtime';
import type { Amend } from './amend.ts';
import type { Drawing, Live } from './live.ts';

/** The portal reads from the row what a watcher may see: notes each decision that differs from the one noted before. */
export type NoteDecision = (live: Live, drawing: Drawing) => void;

export function makeNoteDecision(needs: { readonly amend: Amend; readonly log: Log }): NoteDecision {
  return function noteDecision(live, { state, permission }) {
    if (state === 'terminated' || live.ending !== undefined || !live.stored) return;
    if (live.noted.state === state && live.noted.permission === permission) return;
    const before = live.noted;
    const decision = { state, permission };
    live.noted = decision;
    needs.amend
      .update(live, () => decision)
      .catch((fault) => {
        // The next drawing notes it again; so does the review at the next start.
        if (live.noted === decision) live.noted = before;
        needs.log.warn({ id: live.subscription.id, fault: String(fault) }, 'a decision is not written yet');
      });
  };
}
