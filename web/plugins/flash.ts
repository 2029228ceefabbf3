import type { FastifyReply, FastifyRequest } from 'fastify';
import { readSigned, setSigned } from './signed-cookie.ts';

/** A sentence that survives one redirect, in a signed cookie: nobody can put words into our mouth. */

const NAME = 'porchlight_said';
const OPTIONS = { path: '/', httpOnly: true, sameSite: 'lax', secure: 'auto' } as const;
/** Nobody reads a message of a minute ago, seconds. */
const MAX_AGE = 60;

export interface Said {
  readonly sentence: string;
  /** A form that takes back what was just done: where it goes, and its fields. */
  readonly undo?: { readonly action: string; readonly fields: Readonly<Record<string, string>> };
}

export function say(reply: FastifyReply, sentence: string, undo?: Said['undo']): void {
  const said: Said = { sentence, ...(undo !== undefined && { undo }) };
  setSigned(reply, NAME, NAME, said, { ...OPTIONS, maxAge: MAX_AGE });
}

/** What was said before the redirect, once. */
export function whatWasSaid(request: FastifyRequest, reply: FastifyReply): Said | undefined {
  const cookie = request.cookies[NAME];
  if (cookie === undefined || cookie === '') return undefined;
  reply.clearCookie(NAME, { path: '/', secure: 'auto' });
  return readSigned<Said>(request, NAME, NAME);
}
