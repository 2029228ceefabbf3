import { type DigestAlgorithm, digestHash } from './algorithms.ts';
import type { DigestAnswer } from './answer.ts';

/** H(A1) of RFC 7616 §3.4.2: what is kept of a password, as lower-case hexadecimal. */
export function ha1(algorithm: DigestAlgorithm, username: string, realm: string, password: string): string {
  return digestHash(algorithm, `${username}:${realm}:${password}`);
}

/**
 * The response that proves the password (RFC 7616 §3.4.1; without qop, RFC 2069's).
 * @param body of the request; hashed with `auth-int` alone.
 */
export function expectedResponse(
  algorithm: DigestAlgorithm,
  secret: string,
  method: string,
  answer: DigestAnswer,
  body: Uint8Array = NOTHING,
): string {
  const { nonce, uri, qop, ncWritten, cnonce } = answer;
  const a2 = qop === 'auth-int' ? `${method}:${uri}:${digestHash(algorithm, body)}` : `${method}:${uri}`;
  const ha2 = digestHash(algorithm, a2);
  if (qop === undefined) return digestHash(algorithm, `${secret}:${nonce}:${ha2}`);
  return digestHash(algorithm, `${secret}:${nonce}:${ncWritten}:${cnonce}:${qop}:${ha2}`);
}

/** Whether the client knows the password behind `secret`, an H(A1) of this algorithm. Tells nothing by its timing. */
export function responseMatches(
  algorithm: DigestAlgorithm,
  secret: string,
  method: string,
  answer: DigestAnswer,
  body?: Uint8Array,
): boolean {
  const expected = expectedResponse(algorithm, secret, method, answer, body);
  const given = answer.response;
  if (given.length !== expected.length) return false;
  // All of it, whatever differs first.
  let difference = 0;
  for (let index = 0; index < expected.length; index += 1)
    difference |= given.charCodeAt(index) ^ expected.charCodeAt(index);
  return difference === 0;
}

const NOTHING = new Uint8Array(0);
