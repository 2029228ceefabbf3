import type { FastifyInstance } from 'fastify';
import { RECORDS_TRACE, TRACE_KEPT_MS } from '#store';
import type { PortalDeps } from '../../../deps.ts';
import { say } from '../../../plugins/flash.ts';
import { memberOf, membersOnly } from '../../../plugins/session.ts';
import { show } from '../../../plugins/view.ts';
import { readZone } from '../../../zones.ts';
import { ladderOf } from './ladder.ts';

/** So long a click records. */
const RECORDS_MS = 10 * 60_000;

/**
 * GET /phones/trace, POST /phones/trace/{on,off,forget} : the member's last SIP messages. Off unless switched on, for ten
 * minutes; the SIP service learns of it by the preference's Change, within a second.
 */
export function trace(pages: FastifyInstance, deps: PortalDeps): void {
  const { store, clock } = deps;
  const guarded = { onRequest: membersOnly };

  pages.get('/phones/trace', guarded, async (request, reply) => {
    const { aor, username } = memberOf(request);
    const { words } = request;
    const now = clock.now();
    const [preferences, messages] = await Promise.all([store.preferences.of(aor), store.traces.of(aor)]);
    const until = Number(preferences.get(RECORDS_TRACE) ?? 0);
    // What is past its time while no SIP service purges is not shown either.
    const kept = messages.filter(({ at }) => at > now - TRACE_KEPT_MS);
    const clockWords = clockOf(readZone(request.cookies['porchlight_zone'] ?? ''), words.language);
    const model = {
      until: until > now ? { at: until, clock: clockWords(until).slice(0, 5) } : undefined,
      rungs: ladderOf(kept, { username }, now, words).map((rung) => ({ ...rung, clock: clockWords(rung.at) })),
    };
    return show(request, reply, deps, { page: 'phones/trace', title: words.trace.title, model });
  });

  pages.post('/phones/trace/on', guarded, async (request, reply) => {
    const { aor } = memberOf(request);
    await store.preferences.set(aor, RECORDS_TRACE, String(clock.now() + RECORDS_MS));
    say(reply, request.words.trace.isOn);
    return reply.redirect('/phones/trace', 303);
  });

  pages.post('/phones/trace/off', guarded, async (request, reply) => {
    await store.preferences.set(memberOf(request).aor, RECORDS_TRACE, undefined);
    say(reply, request.words.trace.isOff);
    return reply.redirect('/phones/trace', 303);
  });

  pages.post('/phones/trace/forget', guarded, async (request, reply) => {
    await store.traces.forget(memberOf(request).aor);
    say(reply, request.words.trace.forgotten);
    return reply.redirect('/phones/trace', 303);
  });
}

/** `19:03:12.045`, there. */
function clockOf(timeZone: string, language: string): (at: number) => string {
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    timeZone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (at) => `${format.format(at)}.${String(at % 1000).padStart(3, '0')}`;
}
