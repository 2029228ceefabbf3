import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MAX_GROUPS } from '#model';
import type { PortalDeps } from '../../deps.ts';
import { say } from '../../plugins/flash.ts';
import type { FormErrors } from '../../plugins/forms.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import { readGroup, readGroupId } from './group-form.ts';

type ShowPage = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  errors: FormErrors,
) => Promise<FastifyReply>;

const ID_LENGTH = 12;

/** POST /rules/groups, /rules/groups/remove : lists of people that rules can be about. */
export function addGroupForms(pages: FastifyInstance, { store, domains, random }: PortalDeps, page: ShowPage): void {
  const guarded = { onRequest: membersOnly };

  pages.post('/rules/groups', guarded, async (request, reply) => {
    const owner = memberOf(request).aor;
    const { groups: words } = request.words;
    const reading = readGroup(request.body, owner, domains, request.words);
    if (reading.kind === 'wrong') return page(request, reply, 422, reading.errors);
    const { id, name, members } = reading.values;
    const isNew = id === '';
    if (!isNew && !(await store.groups.of(owner)).some((group) => group.id === id))
      return page(request, reply, 422, { '': request.words.errors.tampered });
    const group = { id: isNew ? random.token(ID_LENGTH) : id, owner, name, members };
    switch (await store.groups.set(group)) {
      case 'name-taken':
        return page(request, reply, 422, { name: words.wrong.taken });
      case 'too-many':
        return page(request, reply, 422, { name: words.wrong.groups(MAX_GROUPS) });
      case 'no-account':
        throw new Error('an account vanished while its group was being written');
      case 'set':
        say(reply, isNew ? words.made(name) : words.saved(name));
        return reply.redirect('/rules', 303);
    }
  });

  pages.post('/rules/groups/remove', guarded, async (request, reply) => {
    const owner = memberOf(request).aor;
    const id = readGroupId(request.body);
    const group = (await store.groups.of(owner)).find((one) => one.id === id);
    if (group === undefined) return page(request, reply, 422, { '': request.words.errors.tampered });
    await store.groups.remove(owner, id);
    say(reply, request.words.groups.gone(group.name));
    return reply.redirect('/rules', 303);
  });
}
