import {
  type Answered,
  type Authenticated,
  authenticationInfo,
  type ExpiryGranted,
  type PackageFound,
  type ResourceNamed,
} from '#gate';
import type { Bell } from '#store';
import type { Kept } from './keep.ts';

/**
 * RFC 3903 §6 step 6: 200 with the granted Expires and exactly one new SIP-ETag. The bell rings after it has been sent,
 * so that the publisher never waits for the fan-out.
 */
export function makeAnswerPublish(bell: Bell) {
  return function answerPublish(known: Authenticated & ResourceNamed & PackageFound & ExpiryGranted & Kept): Answered {
    const { presentity, eventPackage, expires, etag, changed } = known;
    const answer: Answered['answer'] = {
      status: 200,
      headers: [['Expires', String(expires)], ['SIP-ETag', etag], ...authenticationInfo(known)],
    };
    if (!changed) return { answer };
    return { answer, afterwards: () => bell.ring({ kind: 'state', subject: presentity, event: eventPackage.name }) };
  };
}
