import type { AccountAccess } from '#gate';
import type { Aor, Change, Permission, Rule, WaitingSubscription, WatcherEvent } from '#model';
import { decide } from '#policy';
import { type Clock, type Log, makeDeadlines } from '#runtime';
import { StoreUnavailable } from '#store';
import type { Waiting } from './waiting.ts';

/** Asks the rules about those who wait: who is decided about waits no longer (RFC 3857 §4.7.1, figure 1). */
export interface WaitingReview {
  onChange(change: Change): void;
  /** After a start, or when Changes may have been missed. */
  lookAtAll(): Promise<void>;
  close(): void;
}

/** Is told whose rules were asked, so that a 'rules' Change comes when one of them begins or ceases to hold. */
export interface RuleTurns {
  note(owner: Aor, rules: readonly Rule[], now: number): void;
}

/** Rules that could not be read, because the database was away, are asked for again this much later. */
const AGAIN_MS = 1000;
/** Questions that are looked at together: accounts and rules are read in one go. */
const AT_ONCE = 256;

export function makeWaitingReview(needs: {
  readonly waiting: Waiting;
  readonly access: Pick<AccountAccess, 'account' | 'rules'>;
  readonly byDefault: Permission;
  readonly timetable: RuleTurns;
  readonly clock: Clock;
  readonly log: Log;
}): WaitingReview {
  const { waiting, access, clock, log } = needs;
  const again = makeDeadlines<string>(clock, (id) => {
    const one = waiting.book.byId(id);
    if (one !== undefined) void look(one);
  });

  async function look(one: WaitingSubscription): Promise<void> {
    try {
      const why = await verdictOn(one);
      const now = waiting.book.byId(one.id);
      if (why !== undefined && now !== undefined) waiting.end(now, why);
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable))
        log.error({ fault: String(fault) }, 'a question could not be looked at');
      again.set(one.id, clock.now() + AGAIN_MS);
    }
  }

  /** Undefined while nobody has decided. */
  async function verdictOn({ presentity, watcher, event }: WaitingSubscription): Promise<WatcherEvent | undefined> {
    const [owner, asker, rules] = await Promise.all([
      access.account(presentity),
      access.account(watcher),
      access.rules(presentity),
    ]);
    if (owner === undefined || owner.disabled) return 'noresource';
    if (asker === undefined || asker.disabled) return 'rejected';
    const now = clock.now();
    needs.timetable.note(presentity, rules, now);
    switch (decide(rules, presentity, watcher, event, needs.byDefault, now).permission) {
      case 'confirm':
        return undefined;
      case 'block':
        return 'rejected';
      case 'polite-block':
      case 'allow':
        return 'approved';
    }
  }

  async function lookAtAll(): Promise<void> {
    const all = waiting.book.all();
    for (let start = 0; start < all.length; start += AT_ONCE) {
      await Promise.all(all.slice(start, start + AT_ONCE).map(look));
    }
  }

  return {
    onChange(change) {
      const subject = change.subject as Aor;
      switch (change.kind) {
        case 'rules':
          for (const one of waiting.book.at(subject)) void look(one);
          return;
        case 'account':
          for (const one of waiting.book.at(subject)) forgetOr(change.gone, one, 'noresource');
          for (const one of waiting.book.by(subject)) forgetOr(change.gone, one, 'rejected');
          return;
        case 'subscription': {
          const one = waiting.book.byId(change.id);
          if (one !== undefined) waiting.end(one, 'giveup');
          return;
        }
        case 'everything':
          void lookAtAll();
          return;
        case 'state':
        case 'publication':
        case 'published':
        case 'preferences':
        case 'sightings':
        case 'packages':
        case 'reload':
          return;
        default:
          change satisfies never;
      }
    },
    lookAtAll,
    close: () => again.close(),
  };

  /** Whoever has the name of an account that is gone by now is somebody else. */
  function forgetOr(gone: true | undefined, one: WaitingSubscription, why: WatcherEvent): void {
    if (gone === true) waiting.end(one, why);
    else void look(one);
  }
}
