import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { aorOf } from '#model';
import type { PortalDeps } from '../../deps.ts';
import { MIN_PASSWORD_LENGTH } from '../../passwords.ts';
import { say } from '../../plugins/flash.ts';
import type { FormErrors } from '../../plugins/forms.ts';
import { homeOf, makeLimit } from '../../plugins/limits.ts';
import { openSession } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { spanWords } from '../../times.ts';
import { keptOf, type Registration, readRegistration } from './form.ts';

/** New accounts per home: a family at once, then one more now and then. */
const PER_HOME = { burst: 10, refillMs: 6 * 60_000 };

/** GET, POST /register : an account, its phone credentials, and in. */
export function register(pages: FastifyInstance, deps: PortalDeps): void {
  const perHome = makeLimit(deps.clock, PER_HOME);

  pages.get('/register', async (request, reply) => {
    if (request.visit.kind === 'member') return reply.redirect('/presence', 303);
    return form(request, reply, 200, {});
  });

  pages.post('/register', async (request, reply) => {
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
    if ((await create(reading.values)) === 'taken') return form(request, reply, 422, { username: words.taken });
    return enter(request, reply, reading.values);
  });

  async function create({ username, password, domain }: Registration): Promise<'created' | 'taken'> {
    const aor = aorOf(username, domain);
    if (aor === undefined) throw new Error(`no address for ${username}`);
    if ((await deps.store.accounts.find(aor)) !== undefined) return 'taken';
    return deps.store.accounts.create({
      aor,
      username,
      domain,
      passwordHash: await deps.secrets.hashPassword(password),
      credentials: deps.secrets.credentialsFor(username, deps.realms.of(domain), password),
      createdAt: deps.clock.now(),
    });
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
    const model = { kept: keptOf(request.body), errors, domains: deps.domains.all, minLength: MIN_PASSWORD_LENGTH };
    return show(request, reply, deps, { page: 'register', title: request.words.register.title, status, model });
  }
}
