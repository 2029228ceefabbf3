import type { Timer } from '#runtime';
import { readEvent, readNumber, type SipRequest } from '#sip';
import { PIDF_TYPE } from './presence-document.ts';
import { retryAfterMs } from './publishing.ts';
import type { Reply, UserAgent } from './user-agent.ts';

/** What a phone would tell its owner of a subscription, each time it changes. */
export type News = 'is-let-in' | 'must-wait' | 'is-refused';

/** One subscription, kept alive (RFC 6665 §4.1). */
export interface Watching {
  /** RFC 6665 §4.1.2.3. */
  end(): void;
  /** Nothing is sent any more, and NOTIFYs find nobody. */
  fallSilent(): void;
  readonly isOver: boolean;
}

const EXPIRES = 120;
const AGAIN_MS = 5_000;
/** RFC 6665 §4.1.2, timer N. */
const LAST_NOTIFY_MS = 32_000;

/** Where we stand with the service: new with each dialog. */
interface Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly forget: () => void;
  remoteTag: string | undefined;
  target: string;
  routes: readonly string[];
  /** CSeq of the last NOTIFY that was taken. */
  remoteCseq: number;
}

/** @param to whose presence, `sip:ben@example.com`. */
export function makeWatching(agent: UserAgent, to: string, onNews: (news: News) => void): Watching {
  const { clock } = agent;
  let dialog = begin();
  let expires = EXPIRES;
  let last: News | undefined;
  let state: 'on' | 'ending' | 'over' = 'on';
  let isBusy = false;
  let timer: Timer | undefined;

  function begin(): Dialog {
    const [callId, localTag] = [agent.unique(), agent.unique()];
    const forget = agent.onNotify(callId, localTag, (notify) => takeNotify(notify));
    return { callId, localTag, forget, remoteTag: undefined, target: to, routes: [], remoteCseq: 0 };
  }

  function subscribe(): void {
    if (isBusy || state === 'over') return;
    timer?.cancel();
    isBusy = true;
    const asked = dialog;
    const { callId, localTag: fromTag, remoteTag: toTag, target: uri, routes } = asked;
    const fields = [
      ['Event', 'presence'],
      ['Accept', PIDF_TYPE],
      ['Expires', String(state === 'ending' ? 0 : expires)],
    ] as const;
    const isFarewell = state === 'ending';
    void agent.ask({ method: 'SUBSCRIBE', uri, to, toTag, callId, fromTag, routes, fields }).then((reply) => {
      isBusy = false;
      if (state === 'over') return;
      if (isFarewell) waitForLast(reply);
      else if (state === 'ending') endAfter(asked, reply);
      else if (asked === dialog) takeReply(reply);
      else again(AGAIN_MS);
    });
  }

  /** The owner has switched off while we asked. */
  function endAfter(asked: Dialog, reply: Reply): void {
    if (reply?.status !== 200) {
      close();
      return;
    }
    join(asked, reply);
    subscribe();
  }

  /** RFC 6665 §4.1.2.3: one more NOTIFY comes, and ends it. */
  function waitForLast(reply: Reply): void {
    if (reply?.status === 200) timer = clock.after(LAST_NOTIFY_MS, close);
    else close();
  }

  function takeReply(reply: Reply): void {
    switch (reply?.status) {
      case 200: {
        join(dialog, reply);
        const granted = readNumber(reply.headers.get('Expires') ?? '') ?? expires;
        again((granted * 1000) / 2);
        return;
      }
      case 403:
      case 404:
        tell('is-refused');
        close();
        return;
      case 423:
        expires = Math.max(expires + 1, readNumber(reply.headers.get('Min-Expires') ?? '') ?? EXPIRES);
        again(0);
        return;
      case 481: // RFC 6665 §4.1.2.2: the subscription is gone; another one may do
        anew(dialog.remoteTag === undefined ? AGAIN_MS : 0);
        return;
      default:
        again(retryAfterMs(reply));
        return;
    }
  }

  /** RFC 3261 §12.1.2, and §12.2.1.2 for the target. */
  function join(of: Dialog, reply: NonNullable<Reply>): void {
    const contact = /<([^>]*)>/.exec(reply.headers.get('Contact') ?? '')?.[1];
    if (contact !== undefined) of.target = contact;
    if (of.remoteTag !== undefined) return;
    of.remoteTag = reply.to.params.get('tag') ?? undefined;
    of.routes = reply.headers.list('Record-Route').toReversed();
  }

  function takeNotify(notify: SipRequest): number {
    // RFC 3261 §12.2.2: out of order.
    if (notify.cseq.seq <= dialog.remoteCseq) return 500;
    dialog.remoteCseq = notify.cseq.seq;
    const said = readEvent(notify.headers.get('Subscription-State') ?? '');
    const reason = said?.params.get('reason');
    switch (said?.name) {
      case 'active':
        tell('is-let-in');
        return 200;
      case 'pending':
        tell('must-wait');
        return 200;
      case 'terminated':
        takeEnd(reason ?? undefined);
        return 200;
      default:
        return 400;
    }
  }

  /** RFC 6665 §4.1.3: which ends are final, and which may be tried again when. */
  function takeEnd(reason: string | undefined): void {
    if (state === 'ending') {
      close();
      return;
    }
    switch (reason) {
      case 'rejected':
      case 'noresource':
      case 'invariant':
        tell('is-refused');
        close();
        return;
      case 'deactivated':
      case 'timeout':
        anew(0);
        return;
      default:
        anew(AGAIN_MS);
        return;
    }
  }

  function anew(delayMs: number): void {
    dialog.forget();
    dialog = begin();
    again(delayMs);
  }

  function again(delayMs: number): void {
    timer?.cancel();
    timer = clock.after(delayMs, subscribe);
  }

  function tell(news: News): void {
    if (news === last || state !== 'on') return;
    last = news;
    onNews(news);
  }

  function close(): void {
    state = 'over';
    timer?.cancel();
    dialog.forget();
  }

  subscribe();
  return {
    get isOver() {
      return state === 'over';
    },
    end() {
      if (state !== 'on') return;
      state = 'ending';
      timer?.cancel();
      if (dialog.remoteTag === undefined && !isBusy) close();
      else subscribe();
    },
    fallSilent: close,
  };
}
