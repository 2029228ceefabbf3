import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { kindOf, type Rule } from '#model';
import type { PortalDeps } from '../../deps.ts';
import { say } from '../../plugins/flash.ts';
import type { FormErrors } from '../../plugins/forms.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { eventWords, PERMISSION_CHOICES, permissionSentence, permissionWords, subjectWords } from '../../words.ts';
import { keptOf, readNewRule, readPermission, readRuleKey } from './form.ts';

/** GET /rules, POST /rules/{add,change,remove} : who may see me. The SIP side follows by the journal. */
export function rules(pages: FastifyInstance, deps: PortalDeps): void {
  const { store } = deps;
  const guarded = { onRequest: membersOnly };

  pages.get('/rules', guarded, (request, reply) => page(request, reply, 200, {}));

  pages.post('/rules/add', guarded, async (request, reply) => {
    const owner = memberOf(request).aor;
    const reading = readNewRule(request.body, owner, deps.domains, await events());
    if (reading.kind === 'wrong') return page(request, reply, 422, reading.errors);
    return set({ owner, ...reading.values }, request, reply);
  });

  pages.post('/rules/change', guarded, async (request, reply) => {
    const key = readRuleKey(request.body);
    const permission = readPermission(request.body);
    if (key === undefined || permission === undefined) return page(request, reply, 422, STRANGE);
    return set({ owner: memberOf(request).aor, ...key, permission }, request, reply);
  });

  pages.post('/rules/remove', guarded, async (request, reply) => {
    const key = readRuleKey(request.body);
    if (key === undefined) return page(request, reply, 422, STRANGE);
    const was = await store.rules.remove(memberOf(request).aor, key.subject, key.event);
    const whom = subjectWords(key.subject);
    say(
      reply,
      was ? `Your rule for ${lowerEverybody(whom)} is gone.` : `There was no rule for ${lowerEverybody(whom)}.`,
    );
    return reply.redirect('/rules', 303);
  });

  async function set(rule: Rule, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const outcome = await store.rules.set(rule);
    if (outcome === 'no-event') return page(request, reply, 422, { event: 'This server does not know that package.' });
    if (outcome === 'no-account') throw new Error('an account vanished while its rule was being written');
    say(reply, `From now on ${lowerEverybody(subjectWords(rule.subject))} ${permissionSentence(rule.permission)}.`);
    return reply.redirect('/rules', 303);
  }

  async function events(): Promise<string[]> {
    return (await store.eventLoader.list()).filter(({ enabled }) => enabled).map(({ event }) => event);
  }

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    errors: FormErrors,
  ): Promise<FastifyReply> {
    const [known, all] = await Promise.all([events(), store.rules.of(memberOf(request).aor)]);
    const model = {
      groups: groups(known, all),
      events: known.map((event) => ({ event, name: eventWords(event) })),
      choices: PERMISSION_CHOICES,
      byDefault: permissionWords(deps.defaultPermission),
      kept: keptOf(request.body),
      errors,
    };
    return show(request, reply, deps, { page: 'rules', title: 'Who may see me', status, model });
  }
}

const STRANGE: FormErrors = { '': 'The server could not make sense of that. Nothing was changed.' };

const ORDER = { person: 0, group: 1, domain: 2, everybody: 3 } as const;

/** Rules by event package, the closest first: in the order in which they win. */
function groups(known: readonly string[], all: readonly Rule[]): object[] {
  const events = [...new Set([...known, ...all.map(({ event }) => event)])];
  return events.map((event) => ({
    event,
    name: eventWords(event),
    rules: all
      .filter((rule) => rule.event === event)
      .map((rule) => ({ ...rule, kind: kindOf(rule.subject), whom: subjectWords(rule.subject) }))
      .sort((a, b) => ORDER[a.kind] - ORDER[b.kind] || a.whom.localeCompare(b.whom)),
  }));
}

const lowerEverybody = (whom: string): string => whom.replace(/^Everybody/, 'everybody');
