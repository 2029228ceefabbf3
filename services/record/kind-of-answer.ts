import type { Answer, SipRequest } from '#sip';
import type { SightingKind } from '#store';

/** Undefined for what tells nobody how to set up a phone: other methods, and a nonce that was merely old. */
export function kindOfAnswer(
  { method, headers }: SipRequest,
  { status, headers: answered = [] }: Answer,
): SightingKind | undefined {
  if (method !== 'PUBLISH' && method !== 'SUBSCRIBE') return undefined;
  if (status < 200) return undefined;
  if (status < 300) return method === 'PUBLISH' ? 'publishing' : 'watching';
  if (status !== 401) return 'refused';
  if (headers.get('authorization') === undefined) return 'challenged';
  const isStale = answered.some(([name, value]) => name === 'WWW-Authenticate' && /stale=true/i.test(value));
  return isStale ? undefined : 'wrong-password';
}
