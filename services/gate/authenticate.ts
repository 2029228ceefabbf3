import type { Aor } from '#model';
import { type Clock, pause } from '#runtime';
import { type Field, type Incoming, type Nonces, type Refusal, responseMatches, type SipRequest } from '#sip';
import type { AccountAccess, AccountState, KnownAccount } from './access.ts';
import { assertedIdentity, makeTrustedPeers, type TrustedPeers } from './asserted-identity.ts';
import { type ChallengeNeeds, makeChallenge, usualAlgorithms } from './challenge.ts';
import { type Claim, makeReadClaim, type ReadClaimNeeds } from './read-claim.ts';
import type { Guessing } from './slow-guessing.ts';

/** Who sent the request: the account whose password was proved, never what From says. */
export interface Authenticated {
  readonly identity: Aor;
  /** For who would soon be told that theirs is stale (RFC 7616 §3.5). */
  readonly nextNonce?: string;
}

export interface AuthenticateNeeds extends ChallengeNeeds, Omit<ReadClaimNeeds, 'nonces' | 'algorithms'> {
  readonly access: AccountAccess;
  readonly nonces: Nonces;
  readonly clock: Clock;
  /** Of one house, whatever it is asked for. */
  readonly guessing: Guessing;
  /** Peers whose word on the sender is taken; nobody when absent. */
  readonly trusted?: TrustedPeers;
  /** A password was proved: '' is the account's own, else the label of the device whose it is. Must not wait for anything. */
  readonly onPassword?: (identity: Aor, device: string, address: string) => void;
}

/**
 * Digest authentication (RFC 3261 §22.4, RFC 7616, RFC 8760). Every failure is the same 401 with a fresh nonce: a wrong
 * password and an unknown user look alike.
 */
export function makeAuthenticate(needs: AuthenticateNeeds) {
  const { access, nonces, domains, guessing, trusted = makeTrustedPeers([]) } = needs;
  const challenge = makeChallenge(needs);
  const readClaim = makeReadClaim({ ...needs, algorithms: needs.algorithms ?? usualAlgorithms });

  let waiting = 0;

  /** A nonce that has proved this account's password is nothing that a guesser has. */
  function judge(claim: Claim, account: KnownAccount | undefined, incoming: Received): Judged | Promise<Judged> {
    if (nonces.ownerOf(claim.answer.nonce) === claim.identity) return check(claim, account, incoming);
    const admission = waiting < MOST_WAITING ? guessing.admit(claim.identity, incoming.flow.address) : undefined;
    if (admission === undefined) return challenge(incoming.request, false);
    const look = (): Judged => check(claim, account, incoming, admission.judged);
    return admission.waitMs === 0 ? look() : wait(admission.waitMs).then(look);
  }

  async function wait(waitMs: number): Promise<void> {
    waiting += 1;
    await pause(needs.clock, waitMs);
    waiting -= 1;
  }

  function check(
    claim: Claim,
    account: KnownAccount | undefined,
    received: Received,
    onJudged?: (isRight: boolean) => void,
  ): Judged {
    const { answer, algorithm } = claim;
    const { request, flow } = received;
    const known = account === undefined || account.disabled ? undefined : account;
    const ha1 = known?.ha1(answer.username, answer.realm);
    // An unknown user's answer is checked against something all the same: both refusals take the same time.
    const isOwn = responseMatches(algorithm, ha1 ?? NOBODY, request.method, answer, request.body) && ha1 !== undefined;
    const device = isOwn ? '' : known && deviceOf(known, claim, request);
    const isRight = known !== undefined && device !== undefined;
    onJudged?.(isRight);
    if (!isRight) return challenge(request, false);
    const identity = known.aor;
    needs.onPassword?.(identity, device, flow.address);
    const use = claim.stale ? 'replayed' : nonces.accept(answer.nonce, answer.nc, identity);
    if (use === 'replayed') return challenge(request, true);
    return use === 'aging' ? { identity, nextNonce: nonces.mint() } : { identity };
  }

  return function authenticate(incoming: Received): Judged | Promise<Judged> {
    const { request } = incoming;
    const asserted = assertedIdentity(incoming, trusted, domains);
    if (asserted !== undefined) return onceKnown(access.account(asserted), (account) => admit(account, request));
    const claim = readClaim(request);
    if (claim === undefined) return challenge(request, false);
    const account = access.credentials(claim.identity, claim.algorithm);
    return onceKnown(account, (known) => judge(claim, known, incoming));
  };

  /** A trusted peer has authenticated the sender already; there must still be such an account. */
  function admit(account: AccountState | undefined, request: SipRequest): Judged {
    return account === undefined || account.disabled ? challenge(request, false) : { identity: account.aor };
  }
}

function onceKnown<T>(known: T | Promise<T>, then: (known: T) => Judged | Promise<Judged>): Judged | Promise<Judged> {
  return known instanceof Promise ? known.then(then) : then(known);
}

/** The label of the device whose own password the answer proves. */
function deviceOf(known: KnownAccount, { answer, algorithm }: Claim, request: SipRequest): string | undefined {
  for (const [label, ha1] of known.ofDevices(answer.username, answer.realm)) {
    if (responseMatches(algorithm, ha1, request.method, answer, request.body)) return label;
  }
  return undefined;
}

/** RFC 7616 §3.5, RFC 3261 §20.6: what goes into a 2xx, so that the next request needs no second round. */
export function authenticationInfo({ nextNonce }: Pick<Authenticated, 'nextNonce'>): readonly Field[] {
  return nextNonce === undefined ? [] : [['Authentication-Info', `nextnonce="${nextNonce}"`]];
}

type Received = Pick<Incoming, 'request' | 'flow'>;
type Judged = Authenticated | Refusal;

const NOBODY = '0'.repeat(64);
/** Answers that wait to be looked at; beyond, they are not. */
const MOST_WAITING = 1_000;
