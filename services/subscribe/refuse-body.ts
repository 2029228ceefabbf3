import { nothing } from '#gate';
import { type Refusal, readParams, refuse, type SipRequest } from '#sip';

/**
 * RFC 3261 §8.2.3: a body is a filter or a list (RFC 4661, RFC 5367), and we understand neither; one that its sender calls
 * optional (§20.11 `handling`) is passed over.
 */
export function refuseBody({ request }: { readonly request: SipRequest }): object | Refusal {
  if (request.body.length === 0 || isOptional(request)) return nothing;
  return refuse(415, [['Accept', '']]);
}

function isOptional({ headers }: SipRequest): boolean {
  const [, ...params] = (headers.get('content-disposition') ?? '').split(';');
  const handling = params.length === 0 ? undefined : readParams(`;${params.join(';')}`)?.get('handling');
  return handling?.toLowerCase() === 'optional';
}
