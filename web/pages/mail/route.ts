import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { noteAct, spendLink } from '#store';
import type { PortalDeps } from '../../deps.ts';
import { confirmMail } from '../../mail/address.ts';
import { say } from '../../plugins/flash.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { heldBack } from '../../plugins/held-back.ts';
import { homeOf, makeLimit } from '../../plugins/limits.ts';
import { show } from '../../plugins/view.ts';
import { addressWords } from '../../words/protocol.ts';

const PER_HOME = { burst: 20, refillMs: 30_000 };

/**
 * GET, POST /mail/confirm : the link that was sent to a new mail address. Opening it changes nothing, because scanners of mail
 * open links; a button does. Whoever has the link has the mailbox, and needs no session.
 */
export function confirmAddress(pages: FastifyInstance, deps: PortalDeps): void {
  const perHome = makeLimit(deps.clock, PER_HOME);

  pages.get('/mail/confirm', async (request, reply) => {
    reply.header('referrer-policy', 'no-referrer');
    return form(request, reply, 200, undefined);
  });

  pages.post('/mail/confirm', async (request, reply) => {
    const { words } = request;
    const waitSeconds = perHome.take(homeOf(request.ip));
    if (waitSeconds > 0) return form(request, reply, 429, heldBack(reply, waitSeconds, words));
    const owner = await spendLink(fieldOf(request.body, 'link'), 'mail', deps);
    const confirmed = owner && (await confirmMail(owner, deps));
    if (owner === undefined || confirmed === undefined) return form(request, reply, 422, words.reset.spent);
    await noteAct(deps, { name: owner, address: request.ip }, 'mail-confirmed', owner);
    const { before, address } = confirmed;
    if (before !== undefined && before !== address) {
      const letter = confirmed.words.mail.letters.changed(addressWords(owner), address);
      deps.mailer?.send({ to: before, ...letter });
    }
    say(reply, words.mail.confirmed(address));
    return reply.redirect(request.visit.kind === 'member' ? '/security' : '/login', 303);
  });

  function form(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    error: string | undefined,
  ): Promise<FastifyReply> {
    const secret = fieldOf(request.method === 'GET' ? request.query : request.body, 'link');
    const { confirmTitle: title } = request.words.mail;
    return show(request, reply, deps, { page: 'mail', title, status, model: { secret, error } });
  }
}
