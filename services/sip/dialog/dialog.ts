import { detached } from '#runtime';
import type { SipRequest } from '../message.ts';

/** A dialog of which we are the UAS (RFC 3261 §12.1.1): enough to send in it again after a restart. */
export interface DialogState {
  readonly callId: string;
  readonly localTag: string;
  /** '' for a peer of RFC 2543 that gave none: the tag is then left out of To (§12.1.1, §12.2.1.1). */
  readonly remoteTag: string;
  /** URI texts of To and From of the request that made the dialog, without tags. */
  readonly localUri: string;
  readonly remoteUri: string;
  /** The peer's Contact URI. */
  readonly remoteTarget: string;
  /** Record-Route values as written, in the order our requests use them: for a UAS that of the request. */
  readonly routeSet: readonly string[];
  /** CSeq of the peer's last request that was accepted. */
  readonly remoteCseq: number;
  /** `writeFlow` of where that request came from. */
  readonly flow: string;
}

/**
 * The dialog that a 2xx to this request makes.
 * @param localTag the tag of our answer's To header.
 * @param flow `writeFlow` of where the request came from.
 * @returns undefined when it has not exactly one Contact, which target refresh requests must have (RFC 3261 §12.1.1): 400.
 */
export function uasDialog(request: SipRequest, localTag: string, flow: string): DialogState | undefined {
  const [contact, another] = request.contact;
  if (contact === undefined || another !== undefined) return undefined;
  return {
    callId: request.callId,
    localTag,
    remoteTag: request.from.params.get('tag') ?? '',
    localUri: request.to.uri,
    remoteUri: request.from.uri,
    remoteTarget: contact.uri,
    routeSet: request.headers.list('Record-Route'),
    remoteCseq: request.cseq.seq,
    flow,
  };
}

/** RFC 3261 §12.2.2: Call-ID and both tags are the dialog's. URIs do not count. */
export function requestMatchesDialog(request: SipRequest, dialog: DialogState): boolean {
  return (
    request.callId === dialog.callId &&
    (request.to.params.get('tag') ?? '') === dialog.localTag &&
    (request.from.params.get('tag') ?? '') === dialog.remoteTag
  );
}

/**
 * RFC 3261 §12.2.2: where a request's CSeq stands. `old` is answered 500. `repeat` has the number of the last one, but is no
 * retransmission (the transaction would have absorbed that): neither higher nor lower, it must not change the dialog.
 */
export function inDialogOrder(dialog: Pick<DialogState, 'remoteCseq'>, cseq: number): 'next' | 'repeat' | 'old' {
  if (cseq > dialog.remoteCseq) return 'next';
  return cseq === dialog.remoteCseq ? 'repeat' : 'old';
}

/**
 * The dialog after an accepted request of the peer: its CSeq, its Contact if it has one (target refresh), its flow. The
 * route set never changes (RFC 3261 §12.2).
 */
export function refreshedDialog(dialog: DialogState, request: SipRequest, flow: string): DialogState {
  return {
    ...dialog,
    remoteCseq: Math.max(dialog.remoteCseq, request.cseq.seq),
    remoteTarget: request.contact[0]?.uri ?? dialog.remoteTarget,
    flow,
  };
}

/**
 * The same dialog without a hold on the message it was read from, for whoever keeps it.
 * @param before what is kept already, such as the same dialog as it was: equal texts are kept once.
 */
export function detachedDialog(dialog: DialogState, before: Partial<DialogState> = {}): DialogState {
  const own = (text: string, known?: string): string => (text === known ? known : detached(text));
  return {
    callId: own(dialog.callId, before.callId),
    localTag: dialog.localTag,
    remoteTag: own(dialog.remoteTag, before.remoteTag),
    localUri: own(dialog.localUri, before.localUri),
    remoteUri: own(dialog.remoteUri, before.remoteUri),
    remoteTarget: own(dialog.remoteTarget, before.remoteTarget),
    routeSet: ownRoutes(dialog.routeSet, before.routeSet),
    remoteCseq: dialog.remoteCseq,
    flow: own(dialog.flow, before.flow),
  };
}

function ownRoutes(routes: readonly string[], known?: readonly string[]): readonly string[] {
  if (routes.length === 0) return NO_ROUTES;
  return routes === known ? known : routes.map((route) => detached(route));
}

const NO_ROUTES: readonly string[] = Object.freeze([]);
