import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parentEvent, type Rule, type Subject } from '#model';
import type { PortalDeps } from '../../deps.ts';
import { say } from '../../plugins/flash.ts';
import { type FormErrors, fieldOf } from '../../plugins/forms.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { eventWords, permissionChoices, permissionWords, subjectWords } from '../../words/protocol.ts';
import { readZone } from '../../zones.ts';
import { hasRoom, keptOf, MAX_RULES, readDates, readNewRule, readPermission, readRuleKey } from './form.ts';
import { addGroupForms } from './group-route.ts';
import { linesOf } from './lines.ts';

/** GET /rules, POST /rules/{add,change,dates,remove} : who may see me. The SIP side follows by the journal. */
export function rules(pages: FastifyInstance, deps: PortalDeps): void {
  const { store } = deps;
  const guarded = { onRequest: membersOnly };

  pages.get('/rules', guarded, (request, reply) => page(request, reply, 200, {}));

  pages.post('/rules/add', guarded, async (request, reply) => {
    const owner = memberOf(request).aor;
    const [known, groups] = await Promise.all([events(), store.groups.of(owner)]);
    const { domains } = deps;
    const reading = readNewRule(request.body, { owner, domains, events: known, groups, words: request.words });
    if (reading.kind === 'wrong') return page(request, reply, 422, reading.errors);
    return set({ owner, ...reading.values }, request, reply);
  });

  pages.post('/rules/change', guarded, async (request, reply) => {
    const permission = readPermission(request.body);
    const before = permission && (await standing(request));
    if (permission === undefined || before === undefined) return strange(request, reply);
    return set({ ...before, permission }, request, reply);
  });

  pages.post('/rules/dates', guarded, async (request, reply) => {
    const before = await standing(request);
    if (before === undefined) return strange(request, reply);
    const dates = readDates(request.body, request.words);
    if (dates.kind === 'wrong') return page(request, reply, 422, { '': Object.values(dates.errors)[0] ?? '' });
    const { owner, subject, event, permission } = before;
    return set({ owner, subject, event, permission, ...dates.values }, request, reply);
  });

  pages.post('/rules/remove', guarded, async (request, reply) => {
    const key = readRuleKey(request.body);
    if (key === undefined) return strange(request, reply);
    const whom = await named(key.subject, request);
    const was = await store.rules.remove(memberOf(request).aor, key.subject, key.event);
    say(reply, was ? request.words.rules.gone(whom) : request.words.rules.wasNone(whom));
    return reply.redirect('/rules', 303);
  });

  addGroupForms(pages, deps, page);

  /** The rule that a form of the page is about; a new one where the page speaks of the default for strangers. */
  async function standing(request: FastifyRequest): Promise<Rule | undefined> {
    const key = readRuleKey(request.body);
    const owner = memberOf(request).aor;
    if (key === undefined || (key.subject as string) === owner) return undefined;
    const found = (await store.rules.of(owner)).find(
      ({ subject, event }) => subject === key.subject && event === key.event,
    );
    return found ?? { owner, ...key, permission: deps.defaultPermission };
  }

  async function set(rule: Rule, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { words } = request;
    if (!hasRoom(await store.rules.of(rule.owner), rule)) {
      return page(request, reply, 422, { '': words.rules.wrong.many(MAX_RULES) });
    }
    const outcome = await store.rules.set(rule);
    if (outcome === 'no-event') return page(request, reply, 422, { event: words.rules.wrong.unknownEvent });
    if (outcome === 'no-account') throw new Error('an account vanished while its rule was being written');
    const whom = await named(rule.subject, request);
    say(reply, words.watchers.fromNowOn(whom, words.permissions[rule.permission].sentence));
    return reply.redirect('/rules', 303);
  }

  async function named(subject: Subject, request: FastifyRequest): Promise<string> {
    const groups = await store.groups.of(memberOf(request).aor);
    return request.words.subjects.inSentence(subjectWords(subject, request.words, groups));
  }

  const strange = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    page(request, reply, 422, { '': request.words.errors.tampered });

  async function events(): Promise<string[]> {
    const rows = await store.eventLoader.list();
    // Who watches them is everybody's own to know: no rule can be about it.
    return rows.filter(({ event, enabled }) => enabled && parentEvent(event) === undefined).map(({ event }) => event);
  }

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    errors: FormErrors,
  ): Promise<FastifyReply> {
    const { aor } = memberOf(request);
    const { words } = request;
    const [known, all, groups] = await Promise.all([events(), store.rules.of(aor), store.groups.of(aor)]);
    const zone = readZone(fieldOf(request.body, 'zone') || (request.cookies['porchlight_zone'] ?? ''));
    const model = {
      packages: linesOf(known, all, groups, { words, zone, now: deps.clock.now() }),
      groups: groups.map(({ id, name, members }) => ({
        id,
        name,
        count: words.groups.count(members.length),
        members: members.map((member) => member.slice('sip:'.length)).join('\n'),
      })),
      events: known.map((event) => ({ event, name: eventWords(event, words) })),
      choices: permissionChoices(words),
      byDefault: permissionWords(deps.defaultPermission, words),
      kept: keptOf(request.body),
      keptGroup: {
        id: fieldOf(request.body, 'id'),
        name: fieldOf(request.body, 'name'),
        members: fieldOf(request.body, 'members'),
      },
      errors,
    };
    return show(request, reply, deps, { page: 'rules', title: words.rules.title, status, model });
  }
}
