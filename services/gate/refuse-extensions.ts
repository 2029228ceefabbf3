import { type Refusal, refuse, type SipRequest } from '#sip';
import { nothing } from './walk.ts';

/** RFC 3261 §8.2.2.3: what a request requires and we do not have is named in a 420. We have no extensions. */
export function refuseExtensions({ request }: { readonly request: SipRequest }): object | Refusal {
  if (request.headers.get('require') === undefined) return nothing;
  const required = request.headers.list('require');
  return required.length === 0 ? nothing : refuse(420, [['Unsupported', required.join(', ')]]);
}
