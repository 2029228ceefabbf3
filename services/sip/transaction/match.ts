import type { SipRequest, Via } from '../message.ts';

/** The top Via is there: a reading without one is malformed. */
const top = (request: SipRequest): Via => request.via[0] as Via;

/** RFC 3261 §8.1.1.7: a branch that begins so, and goes on, is unique. The cookie alone, which some phones send, is not. */
const UNIQUE_BRANCH = /^z9hG4bK./i;

function branchKey(via: Via, method: string): string | undefined {
  const branch = via.params.get('branch');
  if (branch === undefined || branch === null || !UNIQUE_BRANCH.test(branch)) return undefined;
  return `${branch} ${via.host}:${via.port ?? ''} ${method}`;
}

/** RFC 3261 §17.2.3, for clients of RFC 2543: the same request is one whose identifying headers are all the same. */
function oldKey(request: SipRequest, method: string): string {
  const via = top(request);
  const params = [...via.params].map(([name, value]) => (value === null ? name : `${name}=${value}`)).join(';');
  const tags = `${request.to.params.get('tag') ?? ''} ${request.from.params.get('tag') ?? ''}`;
  const sentBy = `${via.transport} ${via.host}:${via.port ?? ''};${params}`;
  return `2543 ${request.uri} ${tags} ${request.callId} ${request.cseq.seq} ${sentBy} ${method}`;
}

/** Equal for a request and its retransmissions, different for every other request (RFC 3261 §17.2.3). */
export function transactionKey(request: SipRequest): string {
  return branchKey(top(request), request.method) ?? oldKey(request, request.method);
}

/** Methods a CANCEL may have been made for: the CANCEL itself does not say. */
const CANCELLABLE = [
  'INVITE',
  'SUBSCRIBE',
  'PUBLISH',
  'OPTIONS',
  'REGISTER',
  'MESSAGE',
  'NOTIFY',
  'INFO',
  'REFER',
  'BYE',
];

/** The keys that the request a CANCEL means could have (RFC 3261 §9.2). */
export function cancelledKeys(cancel: SipRequest): readonly string[] {
  return CANCELLABLE.map((method) => branchKey(top(cancel), method) ?? oldKey(cancel, method));
}

/**
 * Equal for copies of one request that came by different paths, as a forking proxy makes them (RFC 3261 §8.2.2.2).
 * Undefined inside a dialog, where the question does not arise.
 */
export function mergeKey(request: SipRequest): string | undefined {
  if (request.to.params.has('tag')) return undefined;
  return `${request.from.params.get('tag') ?? ''} ${request.callId} ${request.cseq.seq} ${request.method}`;
}

/** RFC 3261 §17.1.3: branch of the top Via and method of the CSeq. */
export function responseKey(branch: string, method: string): string {
  return `${branch} ${method}`;
}

/** A sent-by as it stands in a key. Addresses are, so that nothing has to be made of them. */
export const inLowerCase = (sentBy: string): string => (/[A-Z]/.test(sentBy) ? sentBy.toLowerCase() : sentBy);
