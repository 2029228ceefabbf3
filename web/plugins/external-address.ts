import type { FastifyInstance } from 'fastify';
import type { PortalDeps } from '../deps.ts';

/**
 * Where the operator says that browsers come by https, every request did: `secure: 'auto'` and the name of the session's
 * cookie then follow that, and not what a proxy forwards or forgets to.
 */
export function addExternalAddress(app: FastifyInstance, { url }: Pick<PortalDeps, 'url'>): void {
  if (url?.startsWith('https:') !== true) return;
  app.addHook('onRequest', (request, _reply, done) => {
    Object.defineProperty(request, 'protocol', { value: 'https' });
    done();
  });
}
