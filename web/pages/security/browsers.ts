import type { FastifyInstance } from 'fastify';
import { say } from '../../plugins/flash.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { memberOf, membersOnly, openSession, sessionOf } from '../../plugins/session.ts';
import type { SecurityKit } from './kit.ts';

/** POST /security/sessions/end, /security/sessions/end-others : where else I am logged in. */
export function browsers(pages: FastifyInstance, { deps }: SecurityKit): void {
  const { store, clock } = deps;
  const guarded = { onRequest: membersOnly };

  pages.post('/security/sessions/end', guarded, async (request, reply) => {
    const { aor } = memberOf(request);
    const idHash = fieldOf(request.body, 'session');
    // Only one of my own; anybody else's is none.
    const mine = (await store.sessions.of(aor, clock.now())).find((session) => session.idHash === idHash);
    if (mine !== undefined && mine.idHash !== sessionOf(request).idHash) await store.sessions.end(mine.idHash);
    say(reply, request.words.security.sessions.ended);
    return reply.redirect('/security', 303);
  });

  pages.post('/security/sessions/end-others', guarded, async (request, reply) => {
    const { aor } = memberOf(request);
    const ended = await store.sessions.endAll(aor, sessionOf(request).idHash);
    // A new secret for this browser too: whoever copied the old one is an «other».
    await openSession(request, reply, aor, deps);
    say(reply, request.words.security.sessions.othersEnded(ended));
    return reply.redirect('/security', 303);
  });
}
