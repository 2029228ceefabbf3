import { type Permission, type TerminationReason, takesAway } from '#model';
import type { Clock, Log } from '#runtime';
import type { Outcome } from '#sip';
import { StoreUnavailable } from '#store';
import type { Amend } from './amend.ts';
import { type Drawing, type Live, strongerWish, type Wish } from './live.ts';
import { verdictOn } from './outcome.ts';
import type { Send } from './send.ts';
import type { ToldMarks } from './told-marks.ts';
import type { WatchBook } from './watch-book.ts';

/**
 * The only place that decides to send. Per subscription: one NOTIFY in flight, the last state wins, the pace is kept
 * except for what the watcher or a rule asked for, and nothing follows the terminated NOTIFY (RFC 6665 §4.2.2).
 */
export interface Desk {
  /** Something may be worth telling this watcher. */
  ask(live: Live, wish: Wish): void;
  /** The subscription ends: one last NOTIFY (RFC 6665 §4.2.2), nothing after it. */
  end(live: Live, reason: TerminationReason, withState: boolean): void;
}

export interface DeskNeeds {
  readonly book: WatchBook;
  readonly draw: (live: Live) => Drawing | Promise<Drawing>;
  readonly send: Send;
  /** Makes sure that the next CSeq may be used. */
  readonly reserve: (live: Live) => undefined | Promise<void>;
  readonly amend: Amend;
  readonly marks: ToldMarks;
  /** The shortest time between two NOTIFYs about state, by event package, in ms. */
  readonly paceMs: (event: string) => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** While rules cannot be read nothing is sent; asked again after this long. */
const AGAIN_MS = 1000;

export function makeDesk(needs: DeskNeeds): Desk {
  const { clock, log } = needs;

  function consider(live: Live): void {
    if (live.closed || live.drawing || live.wish === undefined) return;
    // What is in flight may have to be overtaken by what a review finds: it is drawn to find out.
    if (live.inFlight !== undefined && !live.reviewDue) return;
    const leftMs = live.notBeforeAt - clock.now();
    if (live.wish === 'state' && leftMs > 0) wait(live, leftMs);
    else dispatch(live);
  }

  function wait(live: Live, delayMs: number): void {
    live.timer?.cancel();
    live.timer = clock.after(delayMs, () => {
      live.timer = undefined;
      consider(live);
    });
  }

  /** Reserves the CSeq first: from the drawing on to the wire nothing is awaited, so no change of a rule gets between. */
  function dispatch(live: Live): void {
    live.timer?.cancel();
    live.timer = undefined;
    live.drawing = true;
    const reserved = needs.reserve(live);
    if (reserved instanceof Promise)
      reserved.then(
        () => draw(live),
        (fault) => failed(live, 'state', fault),
      );
    else draw(live);
  }

  function draw(live: Live): void {
    const wish = live.wish ?? 'state';
    live.wish = undefined;
    live.reviewDue = false;
    try {
      const drawing = needs.draw(live);
      if (drawing instanceof Promise)
        drawing.then((drawn) => drew(live, wish, drawn)).catch((fault) => failed(live, wish, fault));
      else drew(live, wish, drawing);
    } catch (fault) {
      failed(live, wish, fault);
    }
  }

  function drew(live: Live, wish: Wish, drawing: Drawing): void {
    live.drawing = false;
    if (live.closed) return;
    const { inFlight } = live;
    // Rules changed while they were read, or the NOTIFY in flight may finish first: asked again then.
    if (live.reviewDue || (inFlight !== undefined && !overtakes(inFlight.drawing.permission, drawing))) {
      live.wish = strongerWish(live.wish, wish);
      consider(live);
      return;
    }
    if (wish === 'request' || live.ending !== undefined || drawing.fingerprint !== live.told) {
      if (wish === 'review' && isPaced(live, drawing)) {
        live.wish = strongerWish(live.wish, 'state');
      } else {
        inFlight?.sent.abandon();
        send(live, wish, drawing);
      }
    }
    consider(live);
  }

  /** The review found the permission as it was: what is new is the state, and that keeps its pace. */
  function isPaced(live: Live, { state, permission }: Drawing): boolean {
    return state !== 'terminated' && permission === live.subscription.permission && clock.now() < live.notBeforeAt;
  }

  function send(live: Live, wish: Wish, drawing: Drawing): void {
    const sent = needs.send(live, drawing, (outcome) => answered(live, drawing, outcome));
    live.inFlight = { sent, drawing };
    if (wish === 'state') live.notBeforeAt = clock.now() + needs.paceMs(live.subscription.event);
    if (drawing.state === 'terminated') close(live);
    else noteDecision(live, drawing);
  }

  /** The last NOTIFY is on the wire; the row goes. */
  function close(live: Live): void {
    live.closed = true;
    live.timer?.cancel();
    needs.book.remove(live);
    needs.marks.forget(live.subscription.id);
    needs.amend.remove(live);
  }

  /** The portal reads from the row what a watcher may see. */
  function noteDecision(live: Live, { state, permission }: Drawing): void {
    const { subscription } = live;
    if (state === 'terminated' || (subscription.state === state && subscription.permission === permission)) return;
    needs.amend.update(live, { state, permission }).catch((fault) => {
      log.warn(
        { id: subscription.id, fault: String(fault) },
        'a decision is not written yet; it is reviewed at the next start',
      );
    });
  }

  function answered(live: Live, drawing: Drawing, outcome: Outcome): void {
    if (live.inFlight?.drawing !== drawing) return;
    live.inFlight = undefined;
    const verdict = verdictOn(outcome);
    switch (verdict) {
      case 'told':
        live.told = drawing.fingerprint;
        if (!live.closed) needs.marks.mark(live.subscription.id, drawing.fingerprint);
        break;
      case 'gone':
        log.info(
          { id: live.subscription.id, watcher: live.subscription.watcher, outcome: outcome.kind },
          'watcher is gone',
        );
        if (!live.closed) close(live);
        break;
      case 'keep':
        break;
    }
    consider(live);
  }

  function failed(live: Live, wish: Wish, fault: unknown): void {
    live.drawing = false;
    if (live.closed) return;
    if (!(fault instanceof StoreUnavailable)) log.error({ fault: String(fault) }, 'a NOTIFY could not be made');
    live.wish = strongerWish(live.wish, wish);
    wait(live, AGAIN_MS);
  }

  return {
    ask(live, wish) {
      if (wish === 'review') live.reviewDue = true;
      live.wish = strongerWish(live.wish, wish);
      consider(live);
    },
    end(live, reason, withState) {
      if (live.closed || live.ending !== undefined) return;
      live.ending = { reason, withState };
      needs.book.remove(live);
      live.wish = 'request';
      consider(live);
    },
  };
}

/** A rule took something away: a mute phone must not keep a forbidden document on the wire by our retransmissions. */
function overtakes(inFlight: Permission, drawing: Drawing): boolean {
  return drawing.state === 'terminated' || takesAway(inFlight, drawing.permission);
}
