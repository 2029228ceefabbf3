import { nothing } from '#gate';
import { type Refusal, refuse, type SipRequest } from '#sip';

/** RFC 3261 §8.2.3: a body is a filter or a list (RFC 4661, RFC 5367), and we understand neither. */
export function refuseBody({ request }: { readonly request: SipRequest }): object | Refusal {
  return request.body.length === 0 ? nothing : refuse(415, [['Accept', '']]);
}
