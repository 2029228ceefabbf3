import type { FastifyInstance } from 'fastify';
import { noteAct } from '#store';
import { asMember } from '../../plugins/acting.ts';
import { say } from '../../plugins/flash.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { endSession, memberOf, membersOnly } from '../../plugins/session.ts';
import type { SecurityKit } from './kit.ts';

/** POST /security/leave : the account goes, and all that is its; watchers are told within a second. */
export function leave(pages: FastifyInstance, { deps, show, confirm }: SecurityKit): void {
  pages.post('/security/leave', { onRequest: membersOnly }, async (request, reply) => {
    const { words } = request;
    const { aor, username, admin } = memberOf(request);
    // So that whoever runs the server does not leave it without anybody.
    if (admin === true) return show(request, reply, { status: 422, errors: { name: words.security.leave.isAdmin } });
    if (fieldOf(request.body, 'name').trim() !== username) {
      return show(request, reply, { status: 422, errors: { name: words.security.leave.needName(username) } });
    }
    const confirmed = await confirm(request, 'leave-password');
    if (confirmed !== 'right') return show(request, reply, { status: 422, errors: confirmed });
    await endSession(request, reply, deps);
    await deps.store.accounts.remove(aor);
    await noteAct(deps, asMember(request), 'account-deleted', aor);
    say(reply, words.security.leave.gone(username));
    return reply.redirect('/login', 303);
  });
}
