import { type Authenticated, nothing } from '#gate';
import { type Domains, readAor } from '#model';
import { type Refusal, refuse, type SipRequest } from '#sip';

/** The watcher is the authenticated account, never the From text; From must say the same (RFC 3856 §6.6.1, §9.1). */
export function makeMatchIdentity(domains: Domains) {
  return function matchIdentity({
    request,
    identity,
  }: Authenticated & { readonly request: SipRequest }): object | Refusal {
    const from = readAor(request.from.uri);
    return from !== undefined && domains.fold(from) === identity ? nothing : refuse(403);
  };
}
