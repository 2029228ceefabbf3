import { createHash } from 'node:crypto';
import {
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { FastifyRequest } from 'fastify';
import type { Account, Passkey } from '#store';
import type { PortalDeps } from './deps.ts';
import { externalBase } from './external-url.ts';

/**
 * Passkeys (WebAuthn Level 3): the only door to @simplewebauthn/server. A passkey proves two things at once, something that
 * its owner has and a finger, a face or a PIN, because user verification is asked for and checked.
 */

/** What a passkey is bound to: browsers offer it nowhere else. */
export interface Place {
  readonly rpId: string;
  readonly origin: string;
}

/** Where this browser is; undefined where browsers have no passkeys: by plain HTTP but at localhost, and at bare addresses. */
export function placeOf(request: FastifyRequest, deps: Pick<PortalDeps, 'url'>): Place | undefined {
  const text = externalBase(request, deps);
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, origin } = new URL(text);
  const isSecure = protocol === 'https:' || hostname === 'localhost';
  const isAddress = hostname.startsWith('[') || /^[\d.]+$/.test(hostname);
  return isSecure && !isAddress ? { rpId: hostname, origin } : undefined;
}

/** So long a browser may take to answer, ms. */
export const ANSWER_MS = 300_000;

/** What the browser is asked, to make a new passkey; those of `known` are not made twice. */
export function offerNewKey(
  place: Place,
  { aor, username, createdAt }: Account,
  address: string,
  known: readonly Passkey[],
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpName: 'Porchlight',
    rpID: place.rpId,
    // Says nothing about whose it is, and is not that of whoever has the name next.
    userID: new Uint8Array(createHash('sha256').update(`passkey ${aor} ${createdAt}`).digest()),
    userName: address,
    userDisplayName: username,
    attestationType: 'none',
    timeout: ANSWER_MS,
    excludeCredentials: known.map(({ id, transports }) => ({ id, transports: listOf(transports) })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** What the browser is asked, to log in with whichever passkey its user chooses. */
export function offerLogin(place: Place): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return generateAuthenticationOptions({ rpID: place.rpId, timeout: ANSWER_MS, userVerification: 'required' });
}

export type NewKey = Pick<Passkey, 'id' | 'publicKey' | 'counter' | 'transports'>;

/** The key that a browser has made, where its answer is sound; undefined otherwise. @param answer JSON, as the page sent it. */
export async function readNewKey(answer: string, challenge: string, place: Place): Promise<NewKey | undefined> {
  const response = parse<RegistrationResponseJSON>(answer);
  if (response === undefined) return undefined;
  const expected = { expectedChallenge: challenge, expectedOrigin: place.origin, expectedRPID: place.rpId };
  const { registrationInfo } = await verifyRegistrationResponse({ response, ...expected }).catch(() => NOTHING);
  if (registrationInfo === undefined) return undefined;
  const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
  if (!IS_ID.test(id)) return undefined;
  const named = transports.filter((name) => /^[a-z-]{1,16}$/.test(name)).slice(0, 4);
  return { id, publicKey, counter, transports: named.join(',').slice(0, 64) };
}

/** Which passkey an answer claims to come from. */
export function claimedKey(answer: string): string | undefined {
  const id = parse<AuthenticationResponseJSON>(answer)?.id;
  return id !== undefined && IS_ID.test(id) ? id : undefined;
}

/** The key's new counter, where the answer is sound and its counter has grown (§6.1.1); undefined otherwise. */
export async function readLogin(
  answer: string,
  challenge: string,
  place: Place,
  { id, publicKey, counter, transports }: Passkey,
): Promise<number | undefined> {
  const response = parse<AuthenticationResponseJSON>(answer);
  if (response === undefined) return undefined;
  const credential = { id, publicKey: new Uint8Array(publicKey), counter, transports: listOf(transports) };
  const expected = { expectedChallenge: challenge, expectedOrigin: place.origin, expectedRPID: place.rpId };
  const read = await verifyAuthenticationResponse({ response, ...expected, credential }).catch(() => undefined);
  return read?.verified === true ? read.authenticationInfo.newCounter : undefined;
}

const IS_ID = /^[\w-]{1,700}$/;
const NOTHING = { registrationInfo: undefined };

const listOf = (transports: string): AuthenticatorTransport[] =>
  transports.split(',').filter((name) => name !== '') as AuthenticatorTransport[];

/** What else is wrong with it, the library says by throwing. */
function parse<Answer extends { readonly id: string }>(text: string): Answer | undefined {
  try {
    const read: unknown = JSON.parse(text);
    const isAnswer = typeof read === 'object' && read !== null && typeof Reflect.get(read, 'id') === 'string';
    return isAnswer ? (read as Answer) : undefined;
  } catch {
    return undefined;
  }
}
