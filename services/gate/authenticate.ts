import { type Aor, aorOf, type Domains, domainOf, type Realms, readAor } from '#model';
import {
  type Answer,
  type DigestAnswer,
  type Incoming,
  type Nonces,
  type Refusal,
  readDigest,
  readUri,
  responseMatches,
  type SipRequest,
  writeChallenge,
} from '#sip';
import { ALGORITHMS, type Algorithm } from '#store';
import type { AccountAccess, KnownAccount } from './access.ts';
import { assertedIdentity, makeTrustedPeers, type TrustedPeers } from './asserted-identity.ts';

/** Who sent the request: the account whose password was proved, never what From says. */
export interface Authenticated {
  readonly identity: Aor;
}

export interface AuthenticateNeeds {
  readonly access: AccountAccess;
  readonly nonces: Nonces;
  readonly domains: Domains;
  readonly realms: Realms;
  /** Peers whose word on the sender is taken; nobody when absent. */
  readonly trusted?: TrustedPeers;
}

/**
 * Digest authentication (RFC 3261 §22.4, RFC 7616, RFC 8760). Every failure is the same 401 with a fresh nonce: a wrong
 * password and an unknown user look alike. It is sent statelessly, so provoking it costs a stranger more than us.
 */
export function makeAuthenticate(needs: AuthenticateNeeds) {
  const { access, nonces, domains, realms, trusted = makeTrustedPeers([]) } = needs;

  function challenge(request: SipRequest, stale: boolean): Refusal {
    const realm = realms.of(homeOf(request, domains));
    const value = writeChallenge({ realm, nonce: nonces.mint(), algorithm: 'MD5', stale, qop: 'auth' });
    const refused: Answer = { status: 401, headers: [['WWW-Authenticate', value]], stateless: true };
    return { refused };
  }

  function judge(claim: Claim, account: KnownAccount | undefined, request: SipRequest): Authenticated | Refusal {
    const { answer, algorithm, identity } = claim;
    const known = account === undefined || account.disabled ? undefined : account;
    const ha1 = known?.ha1(answer.username, answer.realm, algorithm);
    // An unknown user's answer is checked against something all the same: both refusals take the same time.
    const right = responseMatches(algorithm, ha1 ?? NOBODY, request.method, answer, request.body);
    if (ha1 === undefined || !right) return challenge(request, false);
    if (claim.stale || nonces.accept(answer.nonce, answer.nc) === 'replayed') return challenge(request, true);
    return { identity };
  }

  return function authenticate(
    incoming: Pick<Incoming, 'request' | 'flow'>,
  ): Authenticated | Refusal | Promise<Authenticated | Refusal> {
    const { request } = incoming;
    const asserted = assertedIdentity(incoming, trusted, domains);
    if (asserted !== undefined) return withAccount(asserted, (account) => admit(asserted, account, request));
    const claim = readClaim(request);
    if (claim === undefined) return challenge(request, false);
    return withAccount(claim.identity, (account) => judge(claim, account, request));
  };

  function withAccount<T>(identity: Aor, then: (account: KnownAccount | undefined) => T): T | Promise<T> {
    const account = access.credentials(identity);
    return account instanceof Promise ? account.then(then) : then(account);
  }

  /** A trusted peer has authenticated the sender already; there must still be such an account. */
  function admit(identity: Aor, account: KnownAccount | undefined, request: SipRequest): Authenticated | Refusal {
    return account === undefined || account.disabled ? challenge(request, false) : { identity };
  }

  /** What the request claims, when it is complete, for a realm of ours, for this URI, and made with a nonce of ours. */
  function readClaim(request: SipRequest): Claim | undefined {
    const answer = answerFor(request, realms);
    if (answer === undefined || !uriAgrees(answer.uri, request.uri, domains)) return undefined;
    const age = nonces.judge(answer.nonce);
    const algorithm = ALGORITHMS.find((name) => name.toLowerCase() === answer.algorithm.toLowerCase());
    const identity = accountNamed(answer, domains, realms);
    if (age === 'foreign' || algorithm === undefined || identity === undefined) return undefined;
    return { answer, algorithm, identity, stale: age === 'stale' };
  }
}

interface Claim {
  readonly answer: DigestAnswer;
  readonly algorithm: Algorithm;
  readonly identity: Aor;
  readonly stale: boolean;
}

const NOBODY = '0'.repeat(64);

/** Whose realm the sender is challenged in: the sender's own domain, else that of the address asked for, else the first. */
function homeOf(request: SipRequest, domains: Domains): string {
  for (const uri of [request.from.uri, request.uri]) {
    const aor = readAor(uri);
    const home = aor === undefined ? undefined : domains.meant(domainOf(aor));
    if (home !== undefined) return home;
  }
  return domains.domain;
}

function answerFor(request: SipRequest, realms: Realms): DigestAnswer | undefined {
  for (const credentials of request.authorization) {
    if (credentials.scheme !== 'digest') continue;
    const answer = readDigest(credentials);
    if (answer !== undefined && realms.domainOf(answer.realm) !== undefined) return answer;
  }
  return undefined;
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
