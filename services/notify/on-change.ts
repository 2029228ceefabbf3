import type { AccountAccess } from '#gate';
import type { Aor, Change } from '#model';
import type { Log } from '#runtime';
import type { Desk } from './desk.ts';
import type { WatchBook } from './watch-book.ts';

export interface OnChangeNeeds {
  readonly book: WatchBook;
  readonly desk: Desk;
  readonly access: Pick<AccountAccess, 'credentials'>;
  readonly log: Log;
}

/** What a Change means for those who watch: *look again*, at this presentity, this account, or everything. */
export function makeOnChange(needs: OnChangeNeeds): (change: Change) => void {
  const { book, desk, log } = needs;

  return function onChange(change) {
    switch (change.kind) {
      case 'state':
        for (const live of book.of(change.subject as Aor, change.event)) desk.ask(live, 'state');
        break;
      case 'rules':
        for (const live of book.watching(change.subject as Aor)) desk.ask(live, 'review');
        break;
      case 'account':
        lookAtAccount(change.subject as Aor).catch((fault) =>
          log.warn({ fault: String(fault) }, 'an account is not looked at yet'),
        );
        break;
      case 'packages':
      case 'everything':
        for (const live of book.all()) desk.ask(live, 'review');
        break;
    }
  };

  /** An account that is gone or disabled watches nobody, and there is nothing to watch of it (RFC 6665 §4.1.3). */
  async function lookAtAccount(aor: Aor): Promise<void> {
    const account = await needs.access.credentials(aor);
    if (account !== undefined && !account.disabled) return;
    for (const live of [...book.watching(aor)]) desk.end(live, 'noresource', false);
    for (const live of [...book.by(aor)]) desk.end(live, 'rejected', false);
  }
}
