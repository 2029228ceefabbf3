import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  COMMAND_LINE,
  isOpen,
  isRegistration,
  MAX_INVITATION_NOTE,
  MAX_INVITATIONS,
  makeInvitation,
  REGISTRATIONS,
  registrationNow,
  revokeInvitation,
  setRegistration,
} from '#store';
import { externalUrl } from '../../external-url.ts';
import { administratorsOnly, asAdministrator } from '../../plugins/acting.ts';
import { say } from '../../plugins/flash.ts';
import { type FormErrors, fieldOf } from '../../plugins/forms.ts';
import { show } from '../../plugins/view.ts';
import { whoWords } from '../../words/protocol.ts';
import type { AdminKit } from './kit.ts';

const DAY_MS = 86_400_000;
/** How long an invitation may open. */
const SPANS = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS } as const;
type Span = keyof typeof SPANS;
const isSpan = (text: string): text is Span => Object.hasOwn(SPANS, text);

interface Shown {
  readonly status?: number;
  readonly errors?: FormErrors;
  readonly made?: { readonly link: string; readonly note: string; readonly expiresAt: number };
  readonly kept?: { readonly note: string; readonly span: string };
}

/**
 * GET, POST /admin/registration; POST /admin/registration/invite, /admin/registration/revoke : who may make an account, and
 * the links that invite people.
 */
export function registration(pages: FastifyInstance, { deps }: AdminKit): void {
  const { store, clock } = deps;
  const guarded = { onRequest: administratorsOnly };

  pages.get('/admin/registration', guarded, (request, reply) => page(request, reply, {}));

  pages.post('/admin/registration', guarded, async (request, reply) => {
    const { registration: words } = request.words.admin;
    const chosen = fieldOf(request.body, 'registration');
    if (!isRegistration(chosen)) {
      return page(request, reply, { status: 422, errors: { registration: words.choose } });
    }
    await setRegistration(deps, asAdministrator(request), chosen);
    say(reply, words.saved(words.modes[chosen]));
    return reply.redirect('/admin/registration', 303);
  });

  pages.post('/admin/registration/invite', guarded, async (request, reply) => {
    const { registration: words } = request.words.admin;
    const note = fieldOf(request.body, 'note').replaceAll(/\p{C}/gu, '').trim();
    const span = fieldOf(request.body, 'span');
    const wrong = (errors: FormErrors) => page(request, reply, { status: 422, errors, kept: { note, span } });
    if (note === '' || note.length > MAX_INVITATION_NOTE) return wrong({ note: words.needNote });
    if (!isSpan(span)) return wrong({ span: words.choose });
    const made = await makeInvitation(deps, asAdministrator(request), { note, livesMs: SPANS[span] });
    if (made === 'too-many') return wrong({ note: words.tooMany(MAX_INVITATIONS) });
    const link = externalUrl(request, deps, `/register?invitation=${made.secret}`);
    return page(request, reply, { made: { link, note, expiresAt: made.expiresAt } });
  });

  pages.post('/admin/registration/revoke', guarded, async (request, reply) => {
    const id = fieldOf(request.body, 'invitation');
    const invitation = (await store.invitations.list()).find(({ idHash }) => idHash === id);
    if (invitation !== undefined) await revokeInvitation(deps, asAdministrator(request), invitation);
    say(reply, request.words.admin.registration.revoked);
    return reply.redirect('/admin/registration', 303);
  });

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    { status = 200, errors = {}, made, kept = { note: '', span: 'week' } }: Shown,
  ): Promise<FastifyReply> {
    const { words } = request;
    const { registration: w, audit } = words.admin;
    const now = clock.now();
    const [mode, invitations] = await Promise.all([
      registrationNow(store.settings, deps.defaultRegistration),
      store.invitations.list(),
    ]);
    const model = {
      mode,
      modes: REGISTRATIONS.map((value) => ({ value, name: w.modes[value], about: w.about[value] })),
      invitations: invitations.map((one) => ({
        id: one.idHash,
        note: one.note,
        by: one.madeBy === COMMAND_LINE.name ? audit.commandLine : whoWords(one.madeBy),
        createdAt: one.createdAt,
        expiresAt: one.expiresAt,
        state: isOpen(one, now) ? 'open' : one.usesLeft > 0 ? 'over' : 'used',
      })),
      spans: Object.keys(SPANS).map((value) => ({ value, name: w.spans[value as Span] })),
      made,
      kept,
      errors,
    };
    return show(request, reply, deps, { page: 'admin/registration', title: w.title, status, model });
  }
}
