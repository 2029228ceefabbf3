import type { Random } from '#runtime';

/** Seconds. Whoever was refused at the same moment must not come back at the same moment. */
const SHORTEST = 5;
const SPREAD = 5;

/** Values of Retry-After (RFC 3261 §20.33) for refusals that will pass: 5 to 9 seconds. */
export function makeRetryAfter(random: Pick<Random, 'fraction'>): () => string {
  return () => String(SHORTEST + Math.floor(random.fraction() * SPREAD));
}
