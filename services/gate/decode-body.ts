import { MAX_BODY_BYTES } from '#model';
import { decodeContent, isRefusal, type Refusal, type SipRequest } from '#sip';

/** The body without its content coding: what Content-Type speaks of. */
export interface BodyDecoded {
  readonly body: Uint8Array;
}

/** RFC 3261 §20.12, §8.2.3. After authentication, because unpacking costs us more than packing costs the sender. */
export function decodeBody({ request }: { readonly request: SipRequest }): BodyDecoded | Refusal {
  const body = decodeContent(request, MAX_BODY_BYTES);
  return isRefusal(body) ? body : { body };
}
