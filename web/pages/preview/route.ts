import type { FastifyInstance } from 'fastify';
import { type Aor, groupOf, type Permission } from '#model';
import type { Decision } from '#policy';
import type { PortalDeps } from '../../deps.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { makePreviews } from '../../preview.ts';
import type { Words } from '../../words/index.ts';
import { addressWords, eventWords, permissionWords } from '../../words/protocol.ts';
import { readPerson } from '../rules/form.ts';

/** GET /preview?watcher=&event= : what somebody sees of me, the very document, and which rule says so. */
export function preview(pages: FastifyInstance, deps: PortalDeps): void {
  const { store, clock, log } = deps;
  const look = makePreviews({ loader: store.eventLoader, clock, log });

  pages.get('/preview', { onRequest: membersOnly }, async (request, reply) => {
    const owner = memberOf(request).aor;
    const { words } = request;
    const who = fieldOf(request.query, 'watcher').trim();
    const events = (await store.eventLoader.list()).filter(({ enabled }) => enabled).map(({ event }) => event);
    const asked = fieldOf(request.query, 'event');
    const event = events.includes(asked) ? asked : (events[0] ?? '');
    const reading = who === '' ? undefined : readWatcher(who, owner, deps, words);
    const model = {
      who: reading?.kind === 'good' ? addressWords(reading.values) : who,
      event,
      events: events.map((one) => ({ event: one, name: eventWords(one, words) })),
      error: reading?.kind === 'wrong' ? words.preview.wrongWho : undefined,
      answer: reading?.kind === 'good' ? await answer(owner, reading.values, event, words) : undefined,
    };
    const status = reading?.kind === 'wrong' ? 422 : 200;
    return show(request, reply, deps, { page: 'preview', title: words.preview.title, status, model });
  });

  async function answer(owner: Aor, watcher: Aor, event: string, words: Words): Promise<object> {
    const now = clock.now();
    const search = watcher;
    const [rules, groups, publications, live] = await Promise.all([
      store.rules.of(owner),
      store.groups.of(owner),
      store.publications.of(owner, now),
      store.glances.subscriptions(owner, now, { state: 'active', limit: 20, search }),
    ]);
    const contentType = live.find((one) => one.watcher === watcher && one.event === event)?.contentType;
    const byDefault = deps.defaultPermission;
    const seen = await look({ owner, watcher, event, rules, publications, byDefault, contentType });
    const reason = ({ because, rule, permission }: Decision, index: number): object => {
      const group = groups.find(({ id }) => rule !== undefined && id === groupOf(rule.subject));
      return {
        wins: index === 0,
        kind: words.preview.kinds[because],
        name: group?.name ?? '',
        may: permissionWords(permission, words).name,
        permission,
      };
    };
    return {
      permission: seen.permission,
      may: permissionWords(seen.permission, words).name,
      reasons: seen.reasons.map(reason),
      contentType: seen.contentType,
      document: seen.body === undefined ? undefined : new TextDecoder().decode(seen.body),
      nothing: nothingWords(seen.permission, seen.runs, words),
    };
  }
}

/** The owner's own phone may be asked about as well. */
function readWatcher(who: string, owner: Aor, { domains }: PortalDeps, words: Words): ReturnType<typeof readPerson> {
  const text = who.replace(/^sip:/, '');
  if (text === owner.slice('sip:'.length)) return { kind: 'good', values: owner };
  return readPerson(who, owner, domains, words);
}

function nothingWords(permission: Permission, runs: boolean, { preview: words }: Words): string {
  if (permission === 'confirm') return words.nothingAsks;
  return permission === 'block' ? words.nothingRefused : runs ? '' : words.notRead;
}
