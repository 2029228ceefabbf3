import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { aorOf } from '#model';
import { type Act, findInvitation, type Invitation, noteAct, registrationNow } from '#store';
import type { PortalDeps } from '../../deps.ts';
import { MIN_PASSWORD_LENGTH } from '../../passwords.ts';
import { say } from '../../plugins/flash.ts';
import { type FormErrors, fieldOf } from '../../plugins/forms.ts';
import { homeOf, makeLimit } from '../../plugins/limits.ts';
import { openSession } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { spanWords } from '../../times.ts';
import { keptOf, type Registration, readRegistration } from './form.ts';

/** New accounts per home: a family at once, then one more now and then. */
const PER_HOME = { burst: 10, refillMs: 6 * 60_000 };

/** What lets somebody in: that anybody may, or a link. */
type Leave = { readonly kind: 'open' } | { readonly kind: 'invited'; readonly invitation: Invitation };
/** Nothing does; why, in one word of `words.register.shut`. */
type NoLeave = { readonly kind: 'closed' | 'by-invitation' | 'spent' };

/**
 * GET, POST /register : an account, its phone credentials, and in. Whoever may not make one is told so before a name is
 * looked at, so that nobody finds out here which there are.
 */
export function register(pages: FastifyInstance, deps: PortalDeps): void {
  const { store, clock } = deps;
  const perHome = makeLimit(clock, PER_HOME);

  pages.get('/register', async (request, reply) => {
    if (request.visit.kind === 'member') return reply.redirect('/presence', 303);
    // A link in an address must not travel on to another place.
    reply.header('referrer-policy', 'no-referrer');
    const leave = await leaveOf(request);
    return mayEnter(leave) ? form(request, reply, 200, {}) : shut(request, reply, leave);
  });

  pages.post('/register', async (request, reply) => {
    const leave = await leaveOf(request);
    if (!mayEnter(leave)) return shut(request, reply, leave);
    const reading = readRegistration(request.body, deps.domains, request.words);
    if (reading.kind === 'wrong') return form(request, reply, 422, reading.errors);
    const { register: words } = request.words;
    // Counted only now: who mistypes does not lose a try, who asks whether names exist does.
    const waitSeconds = perHome.take(homeOf(request.ip));
    if (waitSeconds > 0) {
      reply.header('retry-after', waitSeconds);
      const errors = { '': words.tooMany(spanWords(waitSeconds * 1000, request.words)) };
      return form(request, reply, 429, errors);
    }
    switch (await create(request, reading.values, leave)) {
      case 'taken':
        return form(request, reply, 422, { username: words.taken });
      case 'spent':
        return shut(request, reply, { kind: 'spent' });
      case 'created':
        return enter(request, reply, reading.values);
    }
  });

  async function leaveOf(request: FastifyRequest): Promise<Leave | NoLeave> {
    const registration = await registrationNow(store.settings, deps.defaultRegistration);
    if (registration !== 'invitation') return { kind: registration };
    const secret = secretOf(request);
    if (secret === '') return { kind: 'by-invitation' };
    const invitation = await findInvitation(deps, secret);
    return invitation === undefined ? { kind: 'spent' } : { kind: 'invited', invitation };
  }

  const mayEnter = (leave: Leave | NoLeave): leave is Leave => leave.kind === 'open' || leave.kind === 'invited';

  const secretOf = (request: FastifyRequest): string =>
    fieldOf(request.method === 'GET' ? request.query : request.body, 'invitation');

  async function create(
    request: FastifyRequest,
    { username, password, domain }: Registration,
    leave: Leave,
  ): Promise<'created' | 'taken' | 'spent'> {
    const aor = aorOf(username, domain);
    if (aor === undefined) throw new Error(`no address for ${username}`);
    if ((await store.accounts.find(aor)) !== undefined) return 'taken';
    // Rules of others still mean whoever has the name: it is not given away while the audit log knows of the account before.
    if (await store.audit.has('account-deleted' satisfies Act, aor)) return 'taken';
    // Before the invitation is used: where too many passwords are being checked, this throws.
    const passwordHash = await deps.secrets.hashPassword(password);
    if (leave.kind === 'invited') {
      const used = await store.invitations.use(leave.invitation.idHash, clock.now());
      if (used === undefined) return 'spent';
    }
    const outcome = await store.accounts.create({
      aor,
      username,
      domain,
      passwordHash,
      credentials: deps.secrets.credentialsFor(username, deps.realms.of(domain), password),
      createdAt: clock.now(),
    });
    if (leave.kind === 'open') return outcome;
    const { idHash, note, madeBy } = leave.invitation;
    if (outcome === 'taken') await store.invitations.giveBack(idHash);
    else await noteAct(deps, { name: aor, address: request.ip }, 'invitation-used', aor, `${note} (${madeBy})`);
    return outcome;
  }

  async function enter(
    request: FastifyRequest,
    reply: FastifyReply,
    { username, domain }: Registration,
  ): Promise<FastifyReply> {
    const aor = aorOf(username, domain);
    if (aor !== undefined) await openSession(request, reply, aor, deps);
    say(reply, request.words.register.welcome(username));
    return reply.redirect('/phones', 303);
  }

  function form(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    errors: FormErrors,
  ): Promise<FastifyReply> {
    const model = {
      kept: keptOf(request.body),
      errors,
      domains: deps.domains.all,
      minLength: MIN_PASSWORD_LENGTH,
      invitation: secretOf(request),
    };
    return show(request, reply, deps, { page: 'register', title: request.words.register.title, status, model });
  }
  function shut(request: FastifyRequest, reply: FastifyReply, { kind }: NoLeave): Promise<FastifyReply> {
    const { register: words } = request.words;
    const model = { shut: words.shut[kind] };
    return show(request, reply, deps, { page: 'register', title: words.title, status: 403, model });
  }
}
