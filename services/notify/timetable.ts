import type { Aor, Rule } from '#model';
import { nextTurnOf } from '#policy';
import { type Clock, makeDeadlines } from '#runtime';

/**
 * When rules with dates begin or cease to hold (RFC 4745 §7.3 `validity`), so that live subscriptions follow at that
 * moment and not at their next NOTIFY. Nothing for owners whose rules have no dates, and for those nobody watches.
 */
export interface RuleTimetable {
  /** These are the owner's rules now: the next turn of any of them is waited for. */
  note(owner: Aor, rules: readonly Rule[], now: number): void;
  close(): void;
}

/** @param onTurn somebody's rules say something else from now on. */
export function makeRuleTimetable(clock: Clock, onTurn: (owner: Aor) => void): RuleTimetable {
  /** What is waited for, by owner: each of their watchers' NOTIFYs notes the same. */
  const waiting = new Map<Aor, number>();
  const turns = makeDeadlines<Aor>(clock, (owner) => {
    waiting.delete(owner);
    onTurn(owner);
  });
  return {
    note(owner, rules, now) {
      const at = nextTurnOf(rules, now);
      if (at === undefined) return;
      const known = waiting.get(owner);
      // A turn that is waited for and is no more costs one look too many.
      if (known !== undefined && known <= at) return;
      waiting.set(owner, at);
      turns.set(owner, at);
    },
    close: () => turns.close(),
  };
}
