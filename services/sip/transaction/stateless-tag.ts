import { randomBytes } from 'node:crypto';
import { makeHmac } from '../hmac.ts';
import type { SipRequest } from '../message.ts';
import { transactionKey } from './match.ts';

/**
 * To tags for answers that leave no state (RFC 3261 §8.2.7): the same for every retransmission of a request, unguessable
 * for others (§19.3), so an HMAC over what identifies the request under a key that lives as long as the process.
 */
export function makeStatelessTag(key: Uint8Array = randomBytes(32)): (request: SipRequest) => string {
  const hmac = makeHmac(key);
  return (request) =>
    hmac(`${transactionKey(request)} ${request.callId} ${request.from.params.get('tag') ?? ''}`)
      .toString('base64url')
      .slice(0, 22);
}
