import type { ClientNeeds } from '#gate';
import { MAX_ORIGIN_LENGTH } from '#model';
import type { SipRequest } from '#sip';

/** Printable, without white space: it is compared byte for byte. */
const COMPARABLE = /^[\x21-\x7e]+$/;

/**
 * Which device a PUBLISH comes from, as far as it says so: the URN that a phone keeps through restarts (+sip.instance of
 * Contact, RFC 5626 §4.1), or its Call-ID, of clients that use one Call-ID for one publication.
 * @returns undefined where nothing tells its publications from those of others.
 */
export function originOf({ contact, callId }: SipRequest, needs: ClientNeeds): string | undefined {
  const instance = contact[0]?.params.get('+sip.instance');
  if (instance !== undefined && instance !== null) return comparable(`instance:${instance}`);
  return needs.onePublicationPerCallId ? comparable(`call:${callId}`) : undefined;
}

function comparable(origin: string): string | undefined {
  return origin.length <= MAX_ORIGIN_LENGTH && COMPARABLE.test(origin) ? origin : undefined;
}
