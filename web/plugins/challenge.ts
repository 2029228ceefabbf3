import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Clock } from '#runtime';
import { ANSWER_MS } from '../passkeys.ts';
import { readSigned, setSigned } from './signed-cookie.ts';

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
  const options = { path, httpOnly: true, sameSite: 'lax', secure: 'auto' } as const;
  const purpose = `${NAME} ${path}`;
  const spent = new LRUCache<string, true>({ max: REMEMBERED });

  return {
    ask(reply, challenge, about = '') {
      const asked: Asked = { challenge, about, until: clock.now() + ANSWER_MS };
      setSigned(reply, NAME, purpose, asked, { ...options, maxAge: ANSWER_MS / 1000 });
    },
    answered(request, reply) {
      const asked = readSigned<Asked>(request, NAME, purpose);
      reply.clearCookie(NAME, { path, secure: 'auto' });
      if (asked === undefined) return undefined;
      const { challenge, about, until } = asked;
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
