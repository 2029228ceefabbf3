/**
 * WHAT EVERY REQUEST PASSES FIRST: find-package (489), authenticate (401), find-resource (404), grant-expiry (423), the
 * extensions we do not have (420), and the walk that strings such steps into a table. `publish` and `subscribe` build
 * their tables of it. Never keeps anything, never sends but the one answer.
 */
export * from './access.ts';
export * from './answer-options.ts';
export * from './asserted-identity.ts';
export * from './authenticate.ts';
export { type ChooseAlgorithms, type OfferedQop, usualAlgorithms } from './challenge.ts';
export * from './client-profiles.ts';
export * from './decode-body.ts';
export * from './find-package.ts';
export * from './find-resource.ts';
export * from './grant-expiry.ts';
export * from './rates.ts';
export * from './reception.ts';
export * from './refuse-extensions.ts';
export { type Admission, type Guessing, makeGuessing } from './slow-guessing.ts';
export * from './walk.ts';
