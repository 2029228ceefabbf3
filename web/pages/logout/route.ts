import type { FastifyInstance } from 'fastify';
import type { PortalDeps } from '../../deps.ts';
import { say } from '../../plugins/flash.ts';
import { endSession } from '../../plugins/session.ts';

/** POST /logout : a form, never a link, so that no foreign page can log anybody out. */
export function logout(pages: FastifyInstance, deps: PortalDeps): void {
  pages.post('/logout', async (request, reply) => {
    await endSession(request, reply, deps);
    say(reply, request.words.login.goodbye);
    return reply.redirect('/', 303);
  });
}
