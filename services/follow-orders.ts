import type { TakeUp, Withdrawal } from '#compositor';
import type { Aor, Change } from '#model';
import type { Notifier } from '#notify';

/**
 * What the administrator's Changes mean for subscriptions and publications that live here. Only the SIP service may end
 * them while it runs, because it keeps them in memory: the command line asks by a row of the journal. Called again for
 * the same row, there is nothing left to end.
 */
export function makeFollowOrders(needs: {
  readonly notifier: Pick<Notifier, 'book' | 'desk'>;
  readonly withdrawal: Withdrawal;
  readonly takeUp: TakeUp;
}): (change: Change) => void {
  const { withdrawal, takeUp } = needs;
  const { book, desk } = needs.notifier;

  return function followOrders(change) {
    switch (change.kind) {
      case 'subscription': {
        // RFC 6665 §4.1.3 `deactivated`: nothing was taken from the watcher, who may subscribe anew at once.
        const live = book.byId(change.id);
        if (live !== undefined) desk.end(live, 'deactivated', false);
        return;
      }
      case 'publication':
        void withdrawal.one(change.id);
        return;
      case 'published':
        void takeUp.look(change.subject, change.id);
        return;
      case 'account':
        if (change.gone === true) forget(change.subject as Aor);
        else void withdrawal.look(change.subject as Aor);
        return;
      case 'everything':
        void withdrawal.lookAtAll();
        void takeUp.lookAtAll();
        return;
      case 'rules':
      case 'state':
      case 'preferences':
      case 'sightings':
      case 'packages':
      case 'reload':
        return;
      default:
        change satisfies never;
    }
  };

  /** Whoever has the name by now is somebody else: nothing of what was before is theirs. */
  function forget(aor: Aor): void {
    for (const live of [...book.watching(aor)]) desk.end(live, 'noresource', false);
    for (const live of [...book.by(aor)]) desk.end(live, 'rejected', false);
    void withdrawal.all(aor);
  }
}
