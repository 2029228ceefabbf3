import type { FastifyInstance } from 'fastify';
import { type Words, wordsFor } from '../words/index.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The language of this visitor. */
    words: Words;
  }
}

/** Chooses the language of each request before anything else, so that error pages have it too. */
export function addLanguage(app: FastifyInstance): void {
  app.decorateRequest('words');
  app.addHook('onRequest', (request, reply, done) => {
    request.words = wordsFor(request.headers['accept-language']);
    reply.header('vary', 'accept-language');
    done();
  });
}
