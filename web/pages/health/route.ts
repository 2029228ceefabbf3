import type { FastifyInstance } from 'fastify';
import { StoreUnavailable } from '#store';
import type { PortalDeps } from '../../deps.ts';

/** GET /healthz : 200 while pages can be served, 503 while the database is away. For machines; needs no session. */
export function health(app: FastifyInstance, { store }: PortalDeps): void {
  app.get('/healthz', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    try {
      await store.settings.get('realm');
      return { status: 'ok' };
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable)) throw fault;
      return reply.code(503).send({ status: 'store unavailable' });
    }
  });
}
