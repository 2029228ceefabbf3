import type { Timer } from '#runtime';
import { type Field, readNumber } from '#sip';
import { PIDF_TYPE } from './presence-document.ts';
import type { Reply, UserAgent } from './user-agent.ts';

/** One event state of one device (RFC 3903 §4). */
export interface Publishing {
  /** Publishes this in place of what was published before. */
  say(document: Uint8Array): void;
  /** Takes it back (RFC 3903 §4.5). */
  takeBack(): void;
  /** Nothing is sent any more, not even a refresh; for good. */
  fallSilent(): void;
}

/** Short, so that a phone that fell silent is seen to be gone while somebody looks on. */
const EXPIRES = 60;
/** After no answer, or a refusal that may pass. */
const AGAIN_MS = 5_000;
const MOST_AGAIN_S = 60;

export function makePublishing(agent: UserAgent): Publishing {
  const { clock } = agent;
  const callId = agent.unique();
  const fromTag = agent.unique();
  let wanted: Uint8Array | undefined;
  let told: Uint8Array | undefined;
  let etag: string | undefined;
  let expires = EXPIRES;
  let refreshIsDue = false;
  let isBusy = false;
  let isSilent = false;
  let timer: Timer | undefined;

  /** RFC 3903 §4: one PUBLISH at a time, for each names the entity-tag that the answer before it gave. */
  function next(): void {
    if (isBusy || isSilent || !isSomethingToDo()) return;
    timer?.cancel();
    isBusy = true;
    const document = wanted;
    void agent.ask({ ...request(), callId, fromTag }).then((reply) => {
      isBusy = false;
      if (!isSilent) take(reply, document);
    });
  }

  function isSomethingToDo(): boolean {
    if (wanted === undefined) return etag !== undefined;
    return etag === undefined || wanted !== told || refreshIsDue;
  }

  function request() {
    const conditions: readonly Field[] = [
      ['Event', 'presence'],
      ['Expires', String(wanted === undefined ? 0 : expires)],
      ...(etag === undefined ? [] : [['SIP-If-Match', etag] as const]),
    ];
    const ask = { method: 'PUBLISH', uri: agent.aor, to: agent.aor } as const;
    // A refresh has no body (RFC 3903 §4.3), a removal neither (§4.5).
    if (wanted === undefined || (etag !== undefined && wanted === told)) return { ...ask, fields: conditions };
    return { ...ask, fields: [...conditions, ['Content-Type', PIDF_TYPE] as const], body: wanted };
  }

  function take(reply: Reply, document: Uint8Array | undefined): void {
    refreshIsDue = false;
    switch (reply?.status) {
      case 200:
        told = document;
        etag = document === undefined ? undefined : reply.headers.get('SIP-ETag');
        if (document !== undefined) refreshIn(readNumber(reply.headers.get('Expires') ?? '') ?? expires);
        break;
      case 412: // RFC 3903 §4.1: it is gone; publish anew
        etag = undefined;
        if (wanted === undefined || document === undefined) break;
        again(0);
        return;
      case 423: // RFC 3903 §4.2
        expires = Math.max(expires + 1, readNumber(reply.headers.get('Min-Expires') ?? '') ?? EXPIRES);
        again(0);
        return;
      default:
        again(retryAfterMs(reply));
        return;
    }
    next();
  }

  function refreshIn(granted: number): void {
    timer = clock.after((granted * 1000) / 2, () => {
      refreshIsDue = true;
      next();
    });
  }

  function again(delayMs: number): void {
    timer?.cancel();
    timer = clock.after(delayMs, () => {
      refreshIsDue = true;
      next();
    });
  }

  return {
    say(document) {
      wanted = document;
      next();
    },
    takeBack() {
      wanted = undefined;
      next();
      if (etag === undefined && !isBusy) timer?.cancel();
    },
    fallSilent() {
      isSilent = true;
      timer?.cancel();
    },
  };
}

/** RFC 3261 §20.33, within reason. */
export function retryAfterMs(reply: Reply): number {
  const asked = readNumber((reply?.headers.get('Retry-After') ?? '').replace(/[\s;(].*$/, ''));
  return asked === undefined ? AGAIN_MS : Math.min(asked, MOST_AGAIN_S) * 1000;
}
