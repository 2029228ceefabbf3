import type { Outcome } from '#sip';

/** What becomes of a subscription after a NOTIFY. */
export type Verdict =
  /** The watcher knows. */
  | 'told'
  /** There is nobody left to tell. */
  | 'gone'
  /** Nothing came back until Timer F: perhaps there is nobody left, perhaps it is a phone that loses some. */
  | 'silent'
  /** It answered, but did not take it. */
  | 'keep'
  /** It never left this machine, which says nothing about the watcher. */
  | 'unsent';

/** Responses that mean there is nobody left to tell (RFC 6665 §4.2.2). */
const GONE = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);

/**
 * RFC 6665 §4.2.2: a 2xx (202 counts as 200), the listed responses, Timer F; all else leaves the subscription as it is. So
 * do 401 and 407: nobody gave us a password for watchers or for proxies on the way to them.
 */
export function verdictOn(outcome: Outcome): Verdict {
  switch (outcome.kind) {
    case 'timeout':
      return 'silent';
    case 'unreachable':
      return 'unsent';
    case 'response': {
      const { status } = outcome.response;
      if (status < 300) return 'told';
      return GONE.has(status) ? 'gone' : 'keep';
    }
  }
}
