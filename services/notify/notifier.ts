import type { Compositor } from '#compositor';
import type { AccountAccess, FindNeeds } from '#gate';
import type { Permission, Subscription } from '#model';
import type { Registry } from '#packages';
import type { Clock, Lanes, Log } from '#runtime';
import type { Endpoint, IsKnownHop, Locator, Outcome } from '#sip';
import type { Bell, Subscriptions, Waitings } from '#store';
import { makeWatcherRegister, type WatcherRegister } from '#watchers';
import { type Amend, makeAmend } from './amend.ts';
import { type Desk, makeDesk } from './desk.ts';
import { makeDraw } from './draw.ts';
import { makeSubscriptionExpiry, type SubscriptionExpiry } from './expire.ts';
import { makeFarewell } from './farewell.ts';
import { watcherOf } from './live.ts';
import { makeNoteDecision } from './note-decision.ts';
import { makeOnChange } from './on-change.ts';
import { makePrepare } from './prepare.ts';
import { restoreSubscriptions } from './restore.ts';
import { makeSend } from './send.ts';
import { makeRuleTimetable } from './timetable.ts';
import { makeToldMarks } from './told-marks.ts';
import { makeWatchBook, type WatchBook } from './watch-book.ts';

/** The room's parts, put together. */
export interface Notifier {
  readonly book: WatchBook;
  readonly desk: Desk;
  readonly amend: Amend;
  readonly register: WatcherRegister;
  readonly expiry: SubscriptionExpiry;
  /** Takes up the subscriptions of the run before; @returns how many. */
  restore(): Promise<number>;
  /** Hears and sends nothing any more. */
  stop(): void;
  /** Writes down what watchers were told, so that the next start need not tell them again. */
  writeDown(): Promise<void>;
}

export interface NotifierNeeds {
  readonly subscriptions: Subscriptions;
  readonly waiting: Waitings;
  readonly access: Pick<AccountAccess, 'account' | 'rules'>;
  readonly compositor: Compositor;
  readonly registry: Registry;
  readonly endpoint: Endpoint;
  readonly bell: Bell;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly log: Log;
  readonly byDefault: Permission;
  /** Hops that a watcher's Record-Route may name, though its requests come from elsewhere; none when absent. */
  readonly isKnownHop?: IsKnownHop;
  /** Where names lead; none is looked up when absent. */
  readonly locator?: Locator;
  /** What known clients need that others do not. */
  readonly needsOf: FindNeeds;
  /** NOTIFYs in a row that may stay unanswered before a subscription goes, where the client's profile says nothing. */
  readonly notifyTimeouts: number;
  /** Undefined: what each event package says. */
  readonly paceMs: number | undefined;
  /** A subscription has ended, for whatever reason. */
  readonly onEnded?: (subscription: Subscription) => void;
  /** A NOTIFY is on its way. @param lagMs how long its watcher waited for it since it was due. */
  readonly onSent?: (lagMs: number) => void;
  /** What became of it. */
  readonly onOutcome?: (outcome: Outcome) => void;
}

export function makeNotifier(needs: NotifierNeeds): Notifier {
  const { clock, log, subscriptions, registry } = needs;
  const book = makeWatchBook();
  const amend = makeAmend(needs);
  const marks = makeToldMarks({ book, amend, clock, log });
  const timetable = makeRuleTimetable(clock, (owner) => needs.bell.ring({ kind: 'rules', subject: owner }));
  const register = makeWatcherRegister({
    ...needs,
    timetable,
    *standing({ presentity, event }) {
      for (const live of book.watching(presentity)) {
        if (live.subscription.event === event && !live.isFetch && !live.closed) yield watcherOf(live);
      }
    },
    asks({ presentity, event }, watcher) {
      for (const live of book.by(watcher)) {
        const { subscription } = live;
        const isSame = subscription.presentity === presentity && subscription.event === event;
        if (isSame && !live.isFetch && !live.closed) return true;
      }
      return false;
    },
    isFollowed: ({ presentity, event }) => book.countFollowers(presentity, event) > 0,
  });
  const desk = makeDesk({
    book,
    draw: makeDraw({ ...needs, register, timetable }),
    prepare: makePrepare(amend),
    send: makeSend(needs),
    farewell: makeFarewell({ amend, register }),
    noteDecision: makeNoteDecision({ amend, register, log }),
    onEnded: needs.onEnded ?? (() => undefined),
    onSent: needs.onSent ?? (() => undefined),
    onOutcome: needs.onOutcome ?? (() => undefined),
    patience: (userAgent) => needs.needsOf(userAgent).notifyTimeouts ?? needs.notifyTimeouts,
    paceMs: (event) => needs.paceMs ?? registry.find(event)?.paceMs ?? 0,
    clock,
    log,
  });
  const expiry = makeSubscriptionExpiry({ book, desk, clock });
  const unlisten = needs.bell.listen(makeOnChange({ book, desk }));

  return {
    book,
    desk,
    amend,
    register,
    expiry,
    async restore() {
      await register.restore();
      const count = await restoreSubscriptions({ subscriptions, book, desk, expiry, clock });
      void register.lookAtAll();
      return count;
    },
    stop() {
      unlisten();
      register.close();
      expiry.close();
      timetable.close();
      amend.close();
      marks.close();
      for (const live of book.all()) {
        live.closed = true;
        live.timer?.cancel();
      }
    },
    writeDown: () => marks.flush(),
  };
}
