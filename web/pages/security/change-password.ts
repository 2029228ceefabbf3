import type { FastifyInstance } from 'fastify';
import { noteAct } from '#store';
import { makePasswordNotice } from '../../mail/password-notice.ts';
import { weaknessOf } from '../../passwords.ts';
import { asMember } from '../../plugins/acting.ts';
import { say } from '../../plugins/flash.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { memberOf, membersOnly, openSession, sessionOf } from '../../plugins/session.ts';
import type { SecurityKit } from './kit.ts';

/** POST /security/password : the portal's password and the phones' digests together; every other browser is logged out, and links made before open nothing. */
export function changePassword(pages: FastifyInstance, { deps, show, confirm }: SecurityKit): void {
  const { store, secrets, realms } = deps;
  const tellOwner = makePasswordNotice(deps);
  pages.post('/security/password', { onRequest: membersOnly }, async (request, reply) => {
    const { words } = request;
    const { aor, username, domain } = memberOf(request);
    const password = fieldOf(request.body, 'new-password');
    const weakness = weaknessOf(password, username, words);
    if (weakness !== undefined) return show(request, reply, { status: 422, errors: { 'new-password': weakness } });
    const confirmed = await confirm(request, 'old-password');
    if (confirmed !== 'right') return show(request, reply, { status: 422, errors: confirmed });
    await store.accounts.setSecrets(aor, {
      passwordHash: await secrets.hashPassword(password),
      credentials: secrets.credentialsFor(username, realms.of(domain), password),
    });
    // Links that somebody else may have asked for: settings of a phone, a new password, another mail address.
    await store.tickets.forget(aor);
    const ended = await store.sessions.endAll(aor, sessionOf(request).idHash);
    // A new secret for this browser too: whoever copied the old one is out.
    await openSession(request, reply, aor, deps);
    await noteAct(deps, asMember(request), 'password-changed', aor);
    await tellOwner(aor);
    say(reply, words.security.passwordChanged(ended));
    return reply.redirect('/security', 303);
  });
}
