import { type Domains, domainOf, type Realms, readAor } from '#model';
import {
  type Answer,
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  type Field,
  type Nonces,
  type Refusal,
  type SipRequest,
  writeChallenge,
} from '#sip';

/**
 * Which algorithms the sender of this request is challenged with; never none. One suits nearly everybody: many clients
 * understand only the first of several challenges, and some none of them.
 */
export type ChooseAlgorithms = (request: SipRequest) => readonly DigestAlgorithm[];

/** What every client understands (RFC 3261 §22.4). */
export const usualAlgorithms: ChooseAlgorithms = () => ['MD5'];

/** `auth`, or also `auth-int`, which protects the body (RFC 7616 §3.4.3). */
export type OfferedQop = 'auth' | 'auth,auth-int';

export interface ChallengeNeeds {
  readonly nonces: Pick<Nonces, 'mint'>;
  readonly domains: Domains;
  readonly realms: Realms;
  readonly algorithms?: ChooseAlgorithms;
  readonly qop?: OfferedQop;
}

/**
 * 401 with one challenge for each algorithm, the strongest first, all of one realm and one nonce (RFC 8760 §2.2, RFC 7616
 * §3.7). It is sent statelessly, so provoking it costs a stranger more than us.
 */
export function makeChallenge(needs: ChallengeNeeds): (request: SipRequest, stale: boolean) => Refusal {
  const { nonces, domains, realms, algorithms = usualAlgorithms, qop = 'auth' } = needs;
  return function challenge(request, stale) {
    const realm = realms.of(homeOf(request, domains));
    const nonce = nonces.mint();
    const headers = strongestFirst(algorithms(request)).map(
      (algorithm): Field => ['WWW-Authenticate', writeChallenge({ realm, nonce, algorithm, stale, qop })],
    );
    const refused: Answer = { status: 401, headers, stateless: true };
    return { refused };
  };
}

/**
 * Whether an answer by this algorithm is taken: not if it is weaker than all that its sender would be challenged with,
 * or whoever is between the two could choose the weaker one for them.
 */
export function isStrongEnough(answered: DigestAlgorithm, offered: readonly DigestAlgorithm[]): boolean {
  return offered.some((algorithm) => strength(answered) >= strength(algorithm));
}

const strength = (algorithm: DigestAlgorithm): number => DIGEST_ALGORITHMS.indexOf(algorithm);

function strongestFirst(algorithms: readonly DigestAlgorithm[]): readonly DigestAlgorithm[] {
  if (algorithms.length < 2) return algorithms;
  return [...new Set(algorithms)].sort((one, other) => strength(other) - strength(one));
}

/** Whose realm the sender is challenged in: the sender's own domain, else that of the address asked for, else the first. */
function homeOf(request: SipRequest, domains: Domains): string {
  for (const uri of [request.from.uri, request.uri]) {
    const aor = readAor(uri);
    const home = aor === undefined ? undefined : domains.meant(domainOf(aor));
    if (home !== undefined) return home;
  }
  return domains.domain;
}
