import { type Aor, type Domains, domainOf, readAor } from '#model';
import { type Refusal, refuse, type SipRequest } from '#sip';
import type { AccountAccess } from './access.ts';

/** The presentity that the Request-URI names. */
export interface ResourceNamed {
  readonly presentity: Aor;
}

/** The Request-URI's AOR under our domain; no statement yet on whether there is such an account. */
export function makeNameResource(domains: Domains) {
  return function nameResource({ request }: { readonly request: SipRequest }): ResourceNamed | Refusal {
    const aor = readAor(request.uri);
    if (aor === undefined || !domains.serves(domainOf(aor))) return refuse(404);
    return { presentity: domains.fold(aor) };
  };
}

/** RFC 3903 §6 step 1, RFC 3856 §6.6: a presentity that has no account, or a disabled one, is not found. */
export function makeFindResource(access: AccountAccess) {
  return async function findResource({ presentity }: ResourceNamed): Promise<object | Refusal> {
    const account = await access.credentials(presentity);
    return account === undefined || account.disabled ? refuse(404) : {};
  };
}
