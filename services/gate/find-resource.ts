import { type Aor, type Domains, domainOf, readAor } from '#model';
import { type Refusal, readUri, refuse, type SipRequest } from '#sip';
import type { AccountAccess, AccountState } from './access.ts';
import type { FindNeeds } from './client-profiles.ts';

/** The presentity that the Request-URI names. */
export interface ResourceNamed {
  readonly presentity: Aor;
}

/** The one identity of a person by several names (RFC 3856 §5, RFC 3859); `tel:` has no domain that could be ours. */
const SCHEMES = /^(?:sips?|pres|im):/i;

/** RFC 3261 §8.2.2.1: a Request-URI of another scheme is 416, whoever it means. */
export function refuseScheme({ request }: { readonly request: SipRequest }): object | Refusal {
  return SCHEMES.test(request.uri) ? {} : refuse(416);
}

/**
 * The Request-URI's AOR under our domain; no statement yet on whether there is such an account. Of clients that name only
 * the domain there, whoever To names.
 */
export function makeNameResource({ domains, needsOf }: { readonly domains: Domains; readonly needsOf: FindNeeds }) {
  return function nameResource({ request }: { readonly request: SipRequest }): ResourceNamed | Refusal {
    if (!SCHEMES.test(request.uri)) return refuse(416);
    const aor = readAor(request.uri) ?? presentityInTo(request);
    if (aor === undefined || !domains.serves(domainOf(aor))) return refuse(404);
    return { presentity: domains.fold(aor) };
  };

  function presentityInTo({ uri, headers, to }: SipRequest): Aor | undefined {
    if (!needsOf(headers.get('user-agent') ?? '').presentityInTo) return undefined;
    const host = readUri(uri)?.host;
    return host !== undefined && domains.serves(host) ? readAor(to.uri) : undefined;
  }
}

/**
 * RFC 3903 §6 step 1, RFC 3856 §6.6: a presentity that has no account, or a disabled one, is not found.
 * @param status another one where it must look like an account that may not be watched.
 */
export function makeFindResource(access: Pick<AccountAccess, 'account'>, status = 404) {
  const isThere = (account: AccountState | undefined): ResourceNamed | Refusal =>
    account === undefined || account.disabled ? refuse(status) : { presentity: account.aor };

  return function findResource({
    presentity,
  }: ResourceNamed): ResourceNamed | Refusal | Promise<ResourceNamed | Refusal> {
    const account = access.account(presentity);
    return account instanceof Promise ? account.then(isThere) : isThere(account);
  };
}
