/**
 * DIGEST. Challenges, the answers to them, and nonces that serve once per count (RFC 7616, RFC 8760, RFC 3261 §22; clients of
 * RFC 2617 and 2069 are served). The gate enters. It knows no accounts and no passwords: it is handed H(A1) values, keeps none,
 * and never decides who may do what.
 */
export { DIGEST_ALGORITHMS, type DigestAlgorithm, isDigestAlgorithm } from './algorithms.ts';
export { type DigestAnswer, readDigest } from './answer.ts';
export { type Challenge, writeChallenge } from './challenge.ts';
export { makeNonces, type Nonces, type NoncesOptions } from './nonces.ts';
export { expectedResponse, ha1, responseMatches } from './response.ts';
