import { type Aor, type Change, parentEvent } from '#model';
import type { Desk } from './desk.ts';
import type { WatchBook } from './watch-book.ts';

/** What a Change means for those who watch: *look again*, at this presentity, this account, or everything. */
export function makeOnChange(needs: { readonly book: WatchBook; readonly desk: Desk }): (change: Change) => void {
  const { book, desk } = needs;

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
        for (const live of [...book.all()]) desk.ask(live, 'review');
        break;
    }
  };
}
