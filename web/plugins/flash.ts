import type { FastifyReply, FastifyRequest } from 'fastify';

/** A sentence that survives one redirect, in a signed cookie: nobody can put words into our mouth. */

const NAME = 'porchlight_said';
const OPTIONS = { path: '/', httpOnly: true, sameSite: 'lax', secure: 'auto', signed: true } as const;
/** Nobody reads a message of a minute ago, seconds. */
const MAX_AGE = 60;

export function say(reply: FastifyReply, sentence: string): void {
  reply.setCookie(NAME, Buffer.from(sentence).toString('base64url'), { ...OPTIONS, maxAge: MAX_AGE });
}

/** What was said before the redirect, once. */
export function whatWasSaid(request: FastifyRequest, reply: FastifyReply): string | undefined {
  const cookie = request.cookies[NAME];
  if (cookie === undefined || cookie === '') return undefined;
  reply.clearCookie(NAME, { path: '/', secure: 'auto' });
  const { valid, value } = request.unsignCookie(cookie);
  return valid && value !== null ? Buffer.from(value, 'base64url').toString() : undefined;
}
