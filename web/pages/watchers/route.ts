import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Subject } from '#model';
import type { PortalDeps } from '../../deps.ts';
import { say } from '../../plugins/flash.ts';
import type { FormErrors } from '../../plugins/forms.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { type Watcher, watchingOf } from '../../watching.ts';
import { addressWords, becauseWords, eventWords, permissionSentence, permissionWords } from '../../words.ts';
import { readAnswer } from './form.ts';

/** GET /watchers, POST /watchers/answer : who asks, who watches. An answer is a rule for that person. */
export function watchers(pages: FastifyInstance, deps: PortalDeps): void {
  const guarded = { onRequest: membersOnly };

  pages.get('/watchers', guarded, (request, reply) => page(request, reply, 200, {}));

  pages.post('/watchers/answer', guarded, async (request, reply) => {
    const answer = readAnswer(request.body);
    const owner = memberOf(request).aor;
    if (answer === undefined || answer.watcher === owner) return page(request, reply, 422, STRANGE);
    const { watcher, event, permission } = answer;
    const outcome = await deps.store.rules.set({ owner, subject: watcher as string as Subject, event, permission });
    if (outcome !== 'set') return page(request, reply, 422, STRANGE);
    say(reply, `From now on ${addressWords(watcher)} ${permissionSentence(permission)}.`);
    return reply.redirect('/watchers', 303);
  });

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    errors: FormErrors,
  ): Promise<FastifyReply> {
    const { asking, watching } = await watchingOf(memberOf(request).aor, deps);
    const model = {
      asking: asking.map(inWords),
      watching: watching.map(inWords),
      byDefault: permissionWords(deps.defaultPermission),
      errors,
    };
    return show(request, reply, deps, { page: 'watchers', title: 'Watchers', status, model });
  }
}

const STRANGE: FormErrors = { '': 'The server could not make sense of that. Nothing was changed.' };

function inWords({ aor, event, decision, since, devices }: Watcher): object {
  return {
    watcher: aor,
    event,
    what: eventWords(event),
    who: addressWords(aor),
    since,
    devices,
    self: decision.because === 'self',
    permission: decision.permission,
    may: permissionWords(decision.permission).name,
    because: becauseWords(decision.because),
  };
}
