import type { Outcome } from '#sip';

/** What becomes of a subscription after a NOTIFY: the watcher knows, is gone, or will be told at the next change. */
export type Verdict = 'told' | 'gone' | 'keep';

/** Responses that mean there is nobody left to tell (RFC 6665 §4.2.2). */
const GONE = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);

/**
 * RFC 6665 §4.2.2: a 2xx (202 counts as 200), the listed responses, Timer F; all else leaves the subscription as it is.
 * A packet that could not leave this machine says nothing about the watcher.
 */
export function verdictOn(outcome: Outcome): Verdict {
  switch (outcome.kind) {
    case 'timeout':
      return 'gone';
    case 'unreachable':
      return 'keep';
    case 'response': {
      const { status } = outcome.response;
      if (status < 300) return 'told';
      return GONE.has(status) ? 'gone' : 'keep';
    }
  }
}
