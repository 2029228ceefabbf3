import type { WatcherRegister } from '#watchers';
import type { Amend } from './amend.ts';
import { type Drawing, type Live, watcherOf } from './live.ts';

/** What is left to do when a subscription has ended: its row goes, and its presentity may hear of it. */
export type Farewell = (live: Live, last: Drawing) => void;

export function makeFarewell({
  amend,
  register,
}: {
  readonly amend: Amend;
  readonly register: WatcherRegister;
}): Farewell {
  return function farewell(live, last) {
    const question = said(live, last);
    // The row stands for the question until that has a row of its own, and not longer: a start would read it as one more.
    if (question === undefined) amend.sweep(live);
    else void question.then(() => amend.remove(live));
  };

  function said(live: Live, last: Drawing): Promise<void> | undefined {
    // Who does not answer any more has not refreshed, as far as anybody can know.
    const reason = (last.state === 'terminated' ? last.reason : undefined) ?? 'timeout';
    // A fetch is told of only as the question that it leaves (RFC 3857 §4.7.1, §4.7.2).
    if (live.isFetch && (reason !== 'timeout' || last.permission !== 'confirm')) return undefined;
    const watcher = watcherOf(live);
    const status = last.permission === 'confirm' ? 'pending' : watcher.status;
    // RFC 3857 is older than `invariant`, by which RFC 6665 §4.1.3 says that there is nothing to watch.
    const why = reason === 'invariant' ? 'noresource' : reason;
    return register.left(live.subscription, { ...watcher, status }, why);
  }
}
