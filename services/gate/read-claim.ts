import { type Aor, aorOf, type Domains, domainOf, type Realms, readAor } from '#model';
import { type DigestAnswer, isDigestAlgorithm, type Nonces, readDigest, readUri, type SipRequest } from '#sip';
import type { Algorithm } from '#store';
import { type ChooseAlgorithms, isStrongEnough } from './challenge.ts';

/** Who a request's credentials say that its sender is, before the password is looked at. */
export interface Claim {
  readonly answer: DigestAnswer;
  readonly algorithm: Algorithm;
  readonly identity: Aor;
  /** The nonce is ours, but old. */
  readonly stale: boolean;
}

export interface ReadClaimNeeds {
  readonly nonces: Pick<Nonces, 'judge'>;
  readonly domains: Domains;
  readonly realms: Realms;
  readonly algorithms: ChooseAlgorithms;
}

/**
 * What the request claims, when it is complete, for a realm of ours, for this URI, by an algorithm that is strong enough
 * for its sender, and made with a nonce of ours. The `-sess` forms are not offered and not taken (RFC 7616 §3.4.2).
 */
export function makeReadClaim({ nonces, domains, realms, algorithms }: ReadClaimNeeds) {
  /** RFC 3261 §22.3: there may be credentials for others, too, and for each of several challenges. */
  return function readClaim(request: SipRequest): Claim | undefined {
    for (const credentials of request.authorization) {
      const answer = readDigest(credentials);
      const claim = answer === undefined ? undefined : claimOf(answer, request);
      if (claim !== undefined) return claim;
    }
    return undefined;
  };

  function claimOf(answer: DigestAnswer, request: SipRequest): Claim | undefined {
    const { algorithm } = answer;
    if (realms.domainOf(answer.realm) === undefined || !uriAgrees(answer.uri, request.uri, domains)) return undefined;
    if (!isDigestAlgorithm(algorithm) || !isStrongEnough(algorithm, algorithms(request))) return undefined;
    // RFC 8760 §2.6 item 8: only clients of before it, which know MD5 alone, may know nothing of qop.
    if (answer.qop === undefined && algorithm !== 'MD5') return undefined;
    const age = nonces.judge(answer.nonce);
    const identity = accountNamed(answer, domains, realms);
    if (age === 'foreign' || identity === undefined) return undefined;
    return { answer, algorithm, identity, stale: age === 'stale' };
  }
}

/** `alice` is alice of the realm's domain; some phones send the whole address, which must be of that domain too. */
function accountNamed({ username, realm }: DigestAnswer, domains: Domains, realms: Realms): Aor | undefined {
  const home = realms.domainOf(realm) ?? domains.domain;
  if (!username.includes('@')) return aorOf(username, home);
  const read = readAor(username);
  const aor = read === undefined ? undefined : domains.fold(read);
  return aor !== undefined && domainOf(aor) === home ? aor : undefined;
}

/**
 * The digest's uri must be the Request-URI (RFC 7616 §3.4.6); parameters may differ, and a proxy in front may have put
 * our address in the place of the domain. Another user or a host that is not ours is another request.
 */
function uriAgrees(digestUri: string, requestUri: string, domains: Domains): boolean {
  if (digestUri === requestUri) return true;
  const one = readUri(digestUri);
  const other = readUri(requestUri);
  if (one === undefined || other === undefined || one.user !== other.user) return false;
  return one.host === other.host || (domains.serves(one.host) && domains.serves(other.host));
}
