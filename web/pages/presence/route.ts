import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Publication } from '#model';
import { KEEPS_AVAILABILITY } from '#store';
import type { PortalDeps } from '../../deps.ts';
import { clearStatus, MAX_NOTE_LENGTH, STATUSES, setStatus, statusIdOf, statusIn } from '../../own-status.ts';
import { say } from '../../plugins/flash.ts';
import type { FormErrors } from '../../plugins/forms.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { deviceSays, othersSee, PRESENCE } from '../../portrait.ts';
import { relativeWords } from '../../times.ts';
import type { Words } from '../../words/index.ts';
import { eventWords, permissionWords, type StateWords, stateWords } from '../../words/protocol.ts';
import { keptOf, readStatus, UNTILS } from './form.ts';
import { stripOf } from './strip.ts';

const DAY_MS = 86_400_000;

/** GET /presence, POST /presence/{status,clear,strip} : what my devices say, what others see of it, my own word. Home. */
export function presence(pages: FastifyInstance, deps: PortalDeps): void {
  const { store, clock } = deps;
  const guarded = { onRequest: membersOnly };

  pages.get('/presence', guarded, (request, reply) => page(request, reply, 200, {}));

  pages.post('/presence/status', guarded, async (request, reply) => {
    const { words } = request;
    const now = clock.now();
    const reading = readStatus(request.body, now, words);
    if (reading.kind === 'wrong') return page(request, reply, 422, reading.errors);
    const { status, until } = reading.values;
    const outcome = await setStatus(memberOf(request).aor, reading.values, words.status.doNotDisturb, deps);
    if (outcome === 'busy') return page(request, reply, 409, { '': words.status.busyNow });
    say(reply, words.status.set(words.status.choices[status], relativeWords(until, now, words)));
    return reply.redirect('/presence', 303);
  });

  pages.post('/presence/clear', guarded, async (request, reply) => {
    await clearStatus(memberOf(request).aor, deps);
    say(reply, request.words.status.cleared);
    return reply.redirect('/presence', 303);
  });

  pages.post('/presence/strip', guarded, async (request, reply) => {
    const { aor } = memberOf(request);
    const { strip } = request.words;
    const isOn = (await store.preferences.of(aor)).has(KEEPS_AVAILABILITY);
    await store.preferences.set(aor, KEEPS_AVAILABILITY, isOn ? undefined : 'on');
    if (isOn) await store.availability.forget(aor);
    say(reply, isOn ? strip.switchedOff : strip.switchedOn);
    return reply.redirect('/presence', 303);
  });

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    errors: FormErrors,
  ): Promise<FastifyReply> {
    const { aor } = memberOf(request);
    const { words } = request;
    const now = clock.now();
    const [published, preferences] = await Promise.all([store.publications.of(aor, now), store.preferences.of(aor)]);
    const { says, document } = othersSee(aor, published.filter(isPresence), now);
    const own = published.find(({ id }) => id === statusIdOf(aor));
    const set = statusIn(own);
    const kept = Object.keys(errors).length > 0 ? keptOf(request.body) : undefined;
    const model = {
      seen: stateWords(published.some(isPresence) ? says : undefined, words),
      document,
      devices: published.toReversed().map((publication) => device(publication, own, words)),
      byDefault: permissionWords(deps.defaultPermission, words),
      statuses: STATUSES.map((value) => ({ value, name: words.status.choices[value] })),
      untils: UNTILS.map((value) => ({ value, name: words.status.untils[value] })),
      maxNote: MAX_NOTE_LENGTH,
      own: own && { until: own.expiresAt },
      kept: kept ?? { status: set?.status ?? 'available', note: set?.note ?? '', until: 'day' },
      strips: preferences.has(KEEPS_AVAILABILITY) ? await strips() : undefined,
      errors,
    };
    return show(request, reply, deps, { page: 'presence', title: words.home.title, status, model });

    async function strips(): Promise<object[]> {
      const rows = await store.availability.of(aor, now - 7 * DAY_MS);
      const since = (days: number) => {
        const from = now - days * DAY_MS;
        const first = rows.findLastIndex(({ at }) => at <= from);
        return stripOf(rows.slice(Math.max(0, first)), from, now, words);
      };
      return [
        { name: words.strip.lastDay, ...since(1) },
        { name: words.strip.lastWeek, ...since(7) },
      ];
    }
  }
}

const isPresence = ({ event }: Publication): boolean => event === PRESENCE;

interface Device extends StateWords {
  readonly name: string;
  readonly own: boolean;
  readonly modifiedAt: number;
  readonly expiresAt: number;
}

function device(publication: Publication, own: Publication | undefined, words: Words): Device {
  const { event, userAgent, modifiedAt, expiresAt } = publication;
  const spoken = isPresence(publication)
    ? stateWords(deviceSays(publication), words)
    : { ...stateWords(undefined, words), state: eventWords(event, words) };
  const isOwn = publication === own;
  const phone = userAgent === '' ? words.home.nameless : userAgent;
  return { name: isOwn ? words.home.thisPortal : phone, own: isOwn, ...spoken, modifiedAt, expiresAt };
}
