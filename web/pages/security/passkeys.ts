import type { FastifyInstance } from 'fastify';
import { MAX_PASSKEYS, noteAct } from '#store';
import { offerNewKey, placeOf, readNewKey } from '../../passkeys.ts';
import { asMember } from '../../plugins/acting.ts';
import { makeChallenges } from '../../plugins/challenge.ts';
import { say } from '../../plugins/flash.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { memberOf, membersOnly, sessionOf } from '../../plugins/session.ts';
import { show as showPage } from '../../plugins/view.ts';
import { addressWords } from '../../words/protocol.ts';
import type { SecurityKit } from './kit.ts';
import { MAX_LABEL, readLabel } from './label.ts';

/** POST /security/passkeys/new, /security/passkeys, /security/passkeys/remove : keys that browsers log in with. */
export function passkeys(pages: FastifyInstance, { deps, show, confirm }: SecurityKit): void {
  const { store, clock } = deps;
  const guarded = { onRequest: membersOnly };
  const challenges = makeChallenges(clock, '/security/passkeys');

  /** The name and the password; then the browser is asked to make the key. */
  pages.post('/security/passkeys/new', guarded, async (request, reply) => {
    const account = memberOf(request);
    const words = request.words.security.passkeys;
    const place = placeOf(request, deps);
    if (place === undefined) return reply.redirect('/security', 303);
    const label = readLabel(request.body, 'passkey-label');
    const wrong = (text: string) =>
      show(request, reply, { status: 422, errors: { 'passkey-label': text }, keptPasskey: label });
    if (label === '') return wrong(words.needName);
    if (label.length > MAX_LABEL) return wrong(request.words.security.devices.longName(MAX_LABEL));
    const known = await store.passkeys.of(account.aor);
    if (known.length >= MAX_PASSKEYS) return wrong(words.tooMany(MAX_PASSKEYS));
    const confirmed = await confirm(request, 'passkey-password');
    if (confirmed !== 'right') return show(request, reply, { status: 422, errors: confirmed, keptPasskey: label });
    const options = await offerNewKey(place, account, addressWords(account.aor), known);
    challenges.ask(reply, options.challenge, JSON.stringify([sessionOf(request).idHash, label]));
    const model = { label, question: JSON.stringify(options) };
    return showPage(request, reply, deps, { page: 'security/passkey', title: words.make, model });
  });

  pages.post('/security/passkeys', guarded, async (request, reply) => {
    const { aor } = memberOf(request);
    const words = request.words.security.passkeys;
    const place = placeOf(request, deps);
    const asked = challenges.answered(request, reply);
    const [session, label] = JSON.parse(asked?.about ?? '["",""]') as [string, string];
    const failed = (text: string) =>
      show(request, reply, { status: 422, errors: { 'passkey-label': text }, keptPasskey: label });
    // Asked in another session: its password was not given in this one.
    if (place === undefined || asked === undefined || session !== sessionOf(request).idHash) return failed(words.late);
    const key = await readNewKey(fieldOf(request.body, 'response'), asked.challenge, place);
    if (key === undefined) return failed(words.failed);
    switch (await store.passkeys.add({ ...key, aor, label, createdAt: clock.now() })) {
      case 'added':
        await noteAct(deps, asMember(request), 'passkey-added', aor, label);
        say(reply, words.added(label));
        return reply.redirect('/security', 303);
      case 'taken':
        return failed(words.failed);
      case 'too-many':
        return failed(words.tooMany(MAX_PASSKEYS));
      case 'no-account':
        return reply.redirect('/login', 303);
    }
  });

  pages.post('/security/passkeys/remove', guarded, async (request, reply) => {
    const { aor } = memberOf(request);
    const words = request.words.security.passkeys;
    const removed = await store.passkeys.remove(aor, fieldOf(request.body, 'passkey').slice(0, 700));
    if (removed) await noteAct(deps, asMember(request), 'passkey-removed', aor);
    say(reply, words.removed);
    return reply.redirect('/security', 303);
  });
}
