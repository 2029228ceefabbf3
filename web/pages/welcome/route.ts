import type { FastifyInstance } from 'fastify';
import type { PortalDeps } from '../../deps.ts';
import { show } from '../../plugins/view.ts';

/** GET / : what this is, for those who are not in yet. */
export function welcome(pages: FastifyInstance, deps: PortalDeps): void {
  pages.get('/', async (request, reply) => {
    if (request.visit.kind === 'member') return reply.redirect('/presence', 303);
    return show(request, reply, deps, { page: 'welcome', title: request.words.welcome.title });
  });
}
