import { type Aor, type Change, parentEvent } from '#model';
import { nextTurn } from '#runtime';
import type { Desk } from './desk.ts';
import type { Live } from './live.ts';
import { A_TURN } from './turn-share.ts';
import type { WatchBook } from './watch-book.ts';

/** What a Change means for those who watch: *look again*, at this presentity, this account, or everything. */
export function makeOnChange(needs: {
  readonly book: WatchBook;
  readonly desk: Desk;
  /** Calls back when what has arrived by now was handed out; `nextTurn` when absent. */
  readonly soon?: (work: () => void) => void;
}): (change: Change) => void {
  const { book, desk, soon = nextTurn } = needs;
  const review = (live: Live): void => desk.ask(live, 'review');
  /** Those that are still to be looked at; undefined when nobody is. */
  let left: Iterator<Live> | undefined;
  /** Everything may have changed once more since the first of them was looked at. */
  let onceMore = false;

  /**
   * At once whoever is about to be told something, or has something on the wire; the others, of whom there may be a million, one
   * after another: what they are told next is drawn by the rules of then anyway. An import says so many times a second.
   */
  function reviewAll(): void {
    for (const live of book.all()) if (live.drawing || live.inFlight !== undefined) review(live);
    onceMore = left !== undefined;
    if (onceMore) return;
    left = book.all()[Symbol.iterator]();
    reviewSome();
  }

  function reviewSome(): void {
    // No more than the desk sends in a turn, so that none of them wait there.
    for (let count = 0; count < A_TURN && left !== undefined; count += 1) {
      const { value: live } = left.next();
      if (live !== undefined) review(live);
      else left = onceMore ? book.all()[Symbol.iterator]() : undefined;
      if (live === undefined) onceMore = false;
    }
    if (left !== undefined) soon(reviewSome);
  }

  return function onChange(change) {
    const subject = change.subject as Aor;
    switch (change.kind) {
      case 'state':
        // Who watches changes with every watcher, and few follow it: they are not looked for among all.
        for (const live of parentEvent(change.event) === undefined
          ? book.watching(subject)
          : book.followers(subject, change.event))
          if (live.subscription.event === change.event) desk.ask(live, 'state');
        break;
      case 'rules':
        for (const live of [...book.watching(subject)]) desk.ask(live, 'review');
        break;
      case 'account':
        for (const live of [...book.watching(subject), ...book.by(subject)]) desk.ask(live, 'review');
        break;
      case 'packages':
      case 'reload':
      case 'everything':
        reviewAll();
        break;
    }
  };
}
