import type { FastifyInstance } from 'fastify';
import { issueLink, MAILS_ASKS, noteAct } from '#store';
import { forgetMail, keepUnconfirmed, mailIn, readMailAddress } from '../../mail/address.ts';
import { asMember } from '../../plugins/acting.ts';
import { say } from '../../plugins/flash.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { tooSoon } from '../../plugins/held-back.ts';
import { makeLimit } from '../../plugins/limits.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import { addressWords } from '../../words/protocol.ts';
import type { SecurityKit } from './kit.ts';

/** Letters that one account has sent to addresses that it names. */
const PER_ACCOUNT = { burst: 5, refillMs: 600_000 };
/** Letters to one address that nobody has confirmed, from whichever accounts: anybody can name somebody else's. */
const PER_ADDRESS = { burst: 5, refillMs: 3_600_000 };
const CONFIRM_MS = 24 * 3_600_000;

/** POST /security/mail, /security/mail/remove, /security/mail/asks : a mail address of mine, and what is sent there. */
export function mail(pages: FastifyInstance, { deps, show, confirm }: SecurityKit): void {
  const { store, clock, mailer, url } = deps;
  const guarded = { onRequest: membersOnly };
  const limit = makeLimit(clock, PER_ACCOUNT);
  const perAddress = makeLimit(clock, PER_ADDRESS);

  pages.post('/security/mail', guarded, async (request, reply) => {
    const { words } = request;
    const { aor } = memberOf(request);
    if (mailer === undefined || url === undefined) return reply.redirect('/security', 303);
    const typed = fieldOf(request.body, 'mail').slice(0, 320);
    const wrong = (text: string) => show(request, reply, { status: 422, errors: { mail: text }, keptMail: typed });
    const address = readMailAddress(typed);
    if (address === undefined) return wrong(words.mail.wrong);
    // Whoever reads these mails can set a new password.
    const confirmed = await confirm(request, 'mail-password');
    if (confirmed !== 'right') return show(request, reply, { status: 422, errors: confirmed, keptMail: typed });
    const waitSeconds = limit.take(aor) || perAddress.take(address.toLowerCase());
    if (waitSeconds > 0) return wrong(tooSoon(waitSeconds, words));
    const link = await issueLink(aor, 'mail', CONFIRM_MS, deps);
    if (link === undefined) return reply.redirect('/login', 303);
    await keepUnconfirmed(aor, address, words, deps);
    const letter = words.mail.letters.confirm(addressWords(aor), `${url}mail/confirm?link=${link.secret}`);
    const sent = mailer.send({ to: address, ...letter });
    if (!sent) return wrong(words.mail.busy);
    say(reply, words.mail.sent(address));
    return reply.redirect('/security', 303);
  });

  pages.post('/security/mail/remove', guarded, async (request, reply) => {
    const { aor } = memberOf(request);
    const { address, unconfirmed } = mailIn(await store.preferences.of(aor));
    await store.preferences.set(aor, MAILS_ASKS, undefined);
    await forgetMail(aor, deps);
    const had = address !== undefined || unconfirmed !== undefined;
    if (had) await noteAct(deps, asMember(request), 'mail-removed', aor);
    say(reply, request.words.mail.removed);
    return reply.redirect('/security', 303);
  });

  pages.post('/security/mail/asks', guarded, async (request, reply) => {
    const { aor } = memberOf(request);
    const isOn = (await store.preferences.of(aor)).has(MAILS_ASKS);
    await store.preferences.set(aor, MAILS_ASKS, isOn ? undefined : 'on');
    say(reply, isOn ? request.words.mail.asksOff : request.words.mail.asksOn);
    return reply.redirect('/security', 303);
  });
}
