import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Subject } from '#model';
import type { PastWatcher } from '#store';
import type { PortalDeps } from '../../deps.ts';
import { say } from '../../plugins/flash.ts';
import { type FormErrors, fieldOf } from '../../plugins/forms.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { type Watcher, watchingOf } from '../../watching.ts';
import type { Words } from '../../words/index.ts';
import { addressWords, eventWords, permissionWords } from '../../words/protocol.ts';
import { hasRoom, MAX_RULES } from '../rules/form.ts';
import { readAnswer, readUndo, undoOf } from './form.ts';

/** GET /watchers, POST /watchers/{answer,undo,forget} : who asks, who watches, who did. An answer is a rule for that person. */
export function watchers(pages: FastifyInstance, deps: PortalDeps): void {
  const { rules, pastWatchers } = deps.store;
  const guarded = { onRequest: membersOnly };

  pages.get('/watchers', guarded, (request, reply) => page(request, reply, 200, {}));

  pages.post('/watchers/answer', guarded, async (request, reply) => {
    const answer = readAnswer(request.body);
    const owner = memberOf(request).aor;
    if (answer === undefined || answer.watcher === owner) return strange(request, reply);
    const { watcher, event, permission } = answer;
    const subject = watcher as string as Subject;
    const standing = await rules.of(owner);
    if (!hasRoom(standing, { subject, event })) {
      return page(request, reply, 422, { '': request.words.rules.wrong.many(MAX_RULES) });
    }
    const before = standing.find((rule) => rule.subject === subject && rule.event === event);
    if ((await rules.set({ owner, subject, event, permission })) !== 'set') return strange(request, reply);
    const { watchers: said, permissions } = request.words;
    const sentence = said.fromNowOn(addressWords(watcher), permissions[permission].sentence);
    say(reply, sentence, { action: '/watchers/undo', fields: undoOf(watcher, event, before) });
    return reply.redirect('/watchers', 303);
  });

  pages.post('/watchers/undo', guarded, async (request, reply) => {
    const undo = readUndo(request.body);
    const owner = memberOf(request).aor;
    if (undo === undefined || undo.watcher === owner) return strange(request, reply);
    const { watcher, event, was } = undo;
    const subject = watcher as string as Subject;
    if (was === undefined) await rules.remove(owner, subject, event);
    else if (!hasRoom(await rules.of(owner), { subject, event })) return strange(request, reply);
    else if ((await rules.set({ owner, subject, event, ...was })) !== 'set') return strange(request, reply);
    say(reply, request.words.watchers.undone(addressWords(watcher)));
    return reply.redirect('/watchers', 303);
  });

  pages.post('/watchers/forget', guarded, async (request, reply) => {
    await pastWatchers.forget(memberOf(request).aor);
    say(reply, request.words.watchers.forgotten);
    return reply.redirect('/watchers', 303);
  });

  const strange = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    page(request, reply, 422, { '': request.words.errors.tampered });

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    errors: FormErrors,
  ): Promise<FastifyReply> {
    const owner = memberOf(request).aor;
    const { words } = request;
    const find = fieldOf(request.query, 'find').trim().slice(0, 100);
    const skip = /^\d{1,6}$/.test(fieldOf(request.query, 'skip')) ? Number(fieldOf(request.query, 'skip')) : 0;
    const [found, before] = await Promise.all([
      watchingOf(owner, deps, { skip, search: find }),
      pastWatchers.of(owner),
    ]);
    const watching = new Set(found.watching.map(({ aor, event }) => `${event} ${aor}`));
    const model = {
      asking: found.asking.map((one) => inWords(one, words)),
      watching: found.watching.map((one) => inWords(one, words)),
      counts: found.counts,
      next: found.next,
      find,
      before: before
        .filter(({ watcher, event }) => !watching.has(`${event} ${watcher}`))
        .map((one) => pastInWords(one, words)),
      byDefault: permissionWords(deps.defaultPermission, words),
      errors,
    };
    return show(request, reply, deps, { page: 'watchers', title: words.watchers.title, status, model });
  }
}

function inWords({ aor, event, decision, since, expiresAt, devices, hungUp }: Watcher, words: Words): object {
  return {
    watcher: aor,
    event,
    what: words.watchers.what(eventWords(event, words)),
    who: addressWords(aor),
    since,
    expiresAt,
    devices,
    hungUp,
    self: decision.because === 'self',
    permission: decision.permission,
    may: permissionWords(decision.permission, words).name,
    because: words.because[decision.because],
  };
}

const pastInWords = ({ watcher, event, client, firstAt, lastAt }: PastWatcher, words: Words): object => ({
  who: addressWords(watcher),
  what: words.watchers.what(eventWords(event, words)),
  client,
  firstAt,
  lastAt,
});
