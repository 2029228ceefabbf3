import type { FastifyReply } from 'fastify';
import { spanWords } from '../times.ts';
import type { Words } from '../words/index.ts';

/** What somebody is told who has tried too often, and may again after so long. */
export const tooSoon = (waitSeconds: number, words: Words): string =>
  words.login.tooMany(spanWords(waitSeconds * 1000, words));

/** The same, for an answer 429, which tells programs by its Retry-After (RFC 6585 §4). */
export function heldBack(reply: FastifyReply, waitSeconds: number, words: Words): string {
  reply.header('retry-after', waitSeconds);
  return tooSoon(waitSeconds, words);
}
