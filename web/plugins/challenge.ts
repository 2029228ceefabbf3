import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Clock } from '#runtime';
import { ANSWER_MS } from '../passkeys.ts';

/** A question to a browser that is answered once, within its time, by the browser that was asked: in a signed cookie. */
export interface Challenges {
  /** @param about what else must be so when the answer comes. */
  ask(reply: FastifyReply, challenge: string, about?: string): void;
  /** Takes the question back; undefined where there is none, or it was answered before. */
  answered(
    request: FastifyRequest,
    reply: FastifyReply,
  ): { readonly challenge: string; readonly about: string } | undefined;
}

/** Answers within {@link ANSWER_MS} that are remembered, so that none counts twice. */
const REMEMBERED = 10_000;
const NAME = 'porchlight_passkey';

/** @param path below which the browser sends it back. */
export function makeChallenges(clock: Clock, path: string): Challenges {
  const options = { path, httpOnly: true, sameSite: 'lax', secure: 'auto', signed: true } as const;
  const spent = new LRUCache<string, true>({ max: REMEMBERED });

  return {
    ask(reply, challenge, about = '') {
      const value = JSON.stringify({ challenge, about, until: clock.now() + ANSWER_MS });
      reply.setCookie(NAME, Buffer.from(value).toString('base64url'), { ...options, maxAge: ANSWER_MS / 1000 });
    },
    answered(request, reply) {
      const { valid, value } = request.unsignCookie(request.cookies[NAME] ?? '');
      reply.clearCookie(NAME, { path, secure: 'auto' });
      if (!valid || value === null) return undefined;
      const { challenge, about, until } = JSON.parse(Buffer.from(value, 'base64url').toString()) as Asked;
      if (until <= clock.now() || spent.has(challenge)) return undefined;
      spent.set(challenge, true);
      return { challenge, about };
    },
  };
}

interface Asked {
  readonly challenge: string;
  readonly about: string;
  readonly until: number;
}
