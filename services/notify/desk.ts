import { type Subscription, type TerminationReason, takesAway } from '#model';
import { type Clock, type Log, nextTurn } from '#runtime';
import type { Outcome } from '#sip';
import { StoreUnavailable } from '#store';
import type { Draw } from './draw.ts';
import type { Farewell } from './farewell.ts';
import { type Drawing, type InFlight, type Live, lowBits, sinceMs, strongerWish, type Wish } from './live.ts';
import type { NoteDecision } from './note-decision.ts';
import { verdictOn } from './outcome.ts';
import type { Prepare } from './prepare.ts';
import type { Send } from './send.ts';
import { makeTurnShare } from './turn-share.ts';
import type { WatchBook } from './watch-book.ts';

/**
 * The only place that decides to send. Per subscription: one NOTIFY in flight, the last state wins, the pace is kept
 * except for what the watcher or a rule asked for, and nothing follows the terminated NOTIFY (RFC 6665 §4.2.2). What a
 * rule takes away is taken off the wire at once.
 */
export interface Desk {
  /** Something may be worth telling this watcher. */
  ask(live: Live, wish: Wish): void;
  /** The subscription ends: one last NOTIFY (RFC 6665 §4.2.2), nothing after it. */
  end(live: Live, reason: TerminationReason, withState: boolean): void;
}

export interface DeskNeeds {
  readonly book: WatchBook;
  readonly draw: Draw;
  readonly prepare: Prepare;
  readonly send: Send;
  readonly farewell: Farewell;
  readonly noteDecision: NoteDecision;
  /** The subscription has ended, for whatever reason. */
  readonly onEnded: (subscription: Subscription) => void;
  /** How many NOTIFYs in a row a client may leave unanswered before its subscription goes, at least 1. */
  readonly patience: (userAgent: string) => number;
  /** The shortest time between two NOTIFYs about state, by event package, in ms. */
  readonly paceMs: (event: string) => number;
  /** A NOTIFY is on its way. @param lagMs how long the watcher waited for it since it was due. */
  readonly onSent: (lagMs: number) => void;
  /** What became of it. */
  readonly onOutcome: (outcome: Outcome) => void;
  /** Calls back when what has arrived by now was handed out; `nextTurn` when absent. */
  readonly soon?: (work: () => void) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** While rules cannot be read nothing is sent; asked again after this long. */
const AGAIN_MS = 1000;

export function makeDesk(needs: DeskNeeds): Desk {
  const { clock, log } = needs;
  const share = makeTurnShare((live) => {
    if (isToBeDrawn(live)) draw(live);
  }, needs.soon ?? nextTurn);

  /** @param isReady what had to be written before it may leave is written. */
  function consider(live: Live, isReady = false): void {
    if (!isToBeDrawn(live)) return;
    const leftMs = live.notBeforeAt - clock.now();
    if (live.wish === 'state' && !live.reviewDue && leftMs > 0) wait(live, leftMs);
    else if (cannotWait(live)) {
      share.spend();
      draw(live);
    } else share.take(live, isReady);
  }

  function isToBeDrawn(live: Live): boolean {
    if (live.drawing || live.wish === undefined) return false;
    // What is in flight may have to be overtaken by what a review finds: it is drawn to find out.
    return live.inFlight === undefined || live.reviewDue;
  }

  /** The watcher asked, and comes no faster than it is read; or something may have to be taken off the wire. */
  function cannotWait({ wish, ending, inFlight }: Live): boolean {
    return inFlight !== undefined || (wish === 'request' && ending === undefined);
  }

  function wait(live: Live, delayMs: number): void {
    live.timer?.cancel();
    live.timer = clock.after(delayMs, () => {
      live.timer = undefined;
      consider(live);
    });
  }

  function draw(live: Live): void {
    live.timer?.cancel();
    live.timer = undefined;
    const wish = live.wish ?? 'state';
    live.wish = undefined;
    live.reviewDue = false;
    live.drawing = true;
    try {
      const drawing = needs.draw(live, wish);
      if (drawing instanceof Promise) {
        share.began();
        drawing
          .then(
            (drawn) => {
              share.ended();
              drew(live, wish, drawn);
            },
            (fault) => {
              share.ended();
              throw fault;
            },
          )
          .catch((fault) => failed(live, wish, fault));
      } else drew(live, wish, drawing);
    } catch (fault) {
      failed(live, wish, fault);
    }
  }

  /** From here to the wire nothing is awaited, so no change of a rule gets between. */
  function drew(live: Live, wish: Wish, drawing: Drawing): void {
    live.drawing = false;
    const { inFlight } = live;
    if (live.closed) {
      if (inFlight !== undefined && overtakes(inFlight, drawing)) letGo(live);
      return;
    }
    if (live.reviewDue) again(live, wish);
    else if (inFlight !== undefined) drewDuringFlight(live, wish, drawing, inFlight);
    else if (isWorthSending(live, wish, drawing)) send(live, wish, drawing);
    else needs.noteDecision(live, drawing);
    consider(live);
  }

  /** Less is allowed than is on the wire: it is taken off, and what is allowed follows. All else waits for its answer. */
  function drewDuringFlight(live: Live, wish: Wish, drawing: Drawing, inFlight: InFlight): void {
    if (!overtakes(inFlight, drawing)) {
      again(live, wish);
      return;
    }
    inFlight.sent.abandon();
    live.inFlight = undefined;
    // It may have arrived or not: until what takes its place is sent, nothing is known of what the watcher shows.
    live.missed = true;
    send(live, 'request', drawing);
  }

  function isWorthSending(live: Live, wish: Wish, drawing: Drawing): boolean {
    if (wish === 'request' || live.ending !== undefined) return true;
    if (drawing.fingerprint === live.shown) return false;
    // The review found the permission as it was: what is new is the state, and that keeps its pace.
    const sameRule = drawing.state !== 'terminated' && drawing.permission === live.shownUnder;
    if (wish === 'review' && sameRule && clock.now() < live.notBeforeAt) {
      again(live, 'state');
      return false;
    }
    return true;
  }

  function again(live: Live, wish: Wish): void {
    live.wish = strongerWish(live.wish, wish);
  }

  function send(live: Live, wish: Wish, drawing: Drawing): void {
    const preparing = needs.prepare(live);
    if (preparing !== undefined) {
      sendOnce(preparing, live, wish);
      return;
    }
    const sent = needs.send(live, drawing, (outcome) => answered(live, drawing, outcome));
    live.inFlight = { sent, drawing };
    needs.onSent(lagOf(live));
    live.shown = drawing.fingerprint;
    live.shownUnder = drawing.permission;
    live.memory = drawing.memory;
    live.missed = false;
    if (wish === 'state') live.notBeforeAt = clock.now() + needs.paceMs(live.subscription.event);
    if (drawing.state === 'terminated') close(live, drawing);
    else needs.noteDecision(live, drawing);
  }

  /** Drawn anew once the row allows it: what was drawn may be old by then. */
  function sendOnce(prepared: Promise<void>, live: Live, wish: Wish): void {
    live.drawing = true;
    share.began();
    prepared.finally(share.ended).then(
      () => {
        live.drawing = false;
        again(live, wish);
        consider(live, true);
      },
      (fault) => failed(live, wish, fault),
    );
  }

  /** Neither the pace nor the watcher's own slowness to answer is ours. */
  function lagOf({ askedAt, notBeforeAt }: Live): number {
    const now = clock.now();
    return Math.min(sinceMs(askedAt, now), Math.max(0, now - notBeforeAt));
  }

  function due(live: Live): void {
    live.askedAt = lowBits(clock.now());
  }

  /** The last NOTIFY is on the wire; the row goes. Until it is answered a review can still take it off. */
  function close(live: Live, last: Drawing): void {
    live.closed = true;
    live.timer?.cancel();
    needs.book.retire(live);
    needs.farewell(live, last);
    needs.onEnded(live.subscription);
  }

  function letGo(live: Live): void {
    live.inFlight?.sent.abandon();
    live.inFlight = undefined;
    needs.book.remove(live);
  }

  function answered(live: Live, drawing: Drawing, outcome: Outcome): void {
    if (live.inFlight?.drawing !== drawing) return;
    live.inFlight = undefined;
    needs.onOutcome(outcome);
    due(live);
    const verdict = verdictOn(outcome);
    if (live.closed) {
      needs.book.remove(live);
      return;
    }
    switch (verdict) {
      case 'told':
        live.unanswered = 0;
        live.toldAt = lowBits(clock.now());
        break;
      case 'silent':
        live.unanswered += 1;
        live.missed = true;
        if (live.unanswered >= needs.patience(live.subscription.userAgent)) {
          forget(live, drawing);
          return;
        }
        // What is true by now, at once, whether or not it changed: the attempts must tell nothing about the presentity.
        again(live, 'request');
        break;
      case 'gone':
        forget(live, drawing);
        return;
      case 'unsent':
        // Nobody saw it; who may see everything is told at the next occasion, whatever it says.
        live.missed = true;
        if (drawing.permission === 'allow') live.shown = '';
        break;
      case 'keep':
        live.unanswered = 0;
        live.missed = true;
        break;
    }
    consider(live);
  }

  /** Nobody is there to be told that it is over. */
  function forget(live: Live, last: Drawing): void {
    log.info({ id: live.subscription.id, watcher: live.subscription.watcher }, 'a watcher is gone');
    close(live, last);
    needs.book.remove(live);
  }

  function failed(live: Live, wish: Wish, fault: unknown): void {
    live.drawing = false;
    if (live.closed && live.inFlight === undefined) return;
    if (!(fault instanceof StoreUnavailable)) log.error({ fault: String(fault) }, 'a NOTIFY could not be made');
    again(live, wish);
    // What is in flight was allowed when it was sent; whether it still is has not been found out.
    if (live.inFlight !== undefined || wish === 'review') live.reviewDue = true;
    wait(live, AGAIN_MS);
  }

  return {
    ask(live, wish) {
      if (live.wish === undefined) due(live);
      if (wish === 'review') live.reviewDue = true;
      again(live, wish);
      consider(live);
    },
    end(live, reason, withState) {
      if (live.closed || live.ending !== undefined) return;
      live.ending = { reason, withState };
      due(live);
      needs.book.retire(live);
      live.wish = 'request';
      live.reviewDue = true;
      consider(live);
    },
  };
}

/** Whether less may be seen now than is on the wire, or it is over. */
function overtakes({ drawing: before }: InFlight, drawing: Drawing): boolean {
  if (drawing.state === 'terminated' && before.state !== 'terminated') return true;
  return (
    takesAway(before.permission, drawing.permission) || (before.state !== 'pending' && drawing.state === 'pending')
  );
}
