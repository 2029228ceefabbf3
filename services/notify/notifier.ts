import type { Compositor } from '#compositor';
import type { AccountAccess, FindNeeds } from '#gate';
import type { Permission, Subscription } from '#model';
import type { Registry } from '#packages';
import type { Clock, Lanes, Log } from '#runtime';
import type { Endpoint, IsKnownHop, Locator } from '#sip';
import type { Bell, Subscriptions } from '#store';
import { type Amend, makeAmend } from './amend.ts';
import { type Desk, makeDesk } from './desk.ts';
import { makeDraw } from './draw.ts';
import { makeSubscriptionExpiry, type SubscriptionExpiry } from './expire.ts';
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
  readonly access: AccountAccess;
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
}

export function makeNotifier(needs: NotifierNeeds): Notifier {
  const { clock, log, subscriptions, registry } = needs;
  const book = makeWatchBook();
  const amend = makeAmend(needs);
  const marks = makeToldMarks({ amend, clock, log });
  const timetable = makeRuleTimetable(clock, (owner) => needs.bell.ring({ kind: 'rules', subject: owner }));
  const desk = makeDesk({
    book,
    draw: makeDraw({ ...needs, timetable }),
    prepare: makePrepare(amend),
    send: makeSend(needs),
    amend,
    noteDecision: makeNoteDecision({ amend, log }),
    marks,
    onEnded: needs.onEnded ?? (() => undefined),
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
    expiry,
    restore: () => restoreSubscriptions({ subscriptions, book, desk, expiry, clock }),
    stop() {
      unlisten();
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
