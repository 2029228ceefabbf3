import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { renderSVG } from 'uqr';
import { type Act, noteAct } from '#store';
import { newSecret, secretUri, setUpFactor } from '../../one-time-codes.ts';
import { asMember } from '../../plugins/acting.ts';
import { say } from '../../plugins/flash.ts';
import { type FormErrors, fieldOf } from '../../plugins/forms.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import { show as showPage } from '../../plugins/view.ts';
import { addressWords } from '../../words/protocol.ts';
import type { SecurityKit } from './kit.ts';

const IS_SECRET = /^[A-Z2-7]{32}$/;

/** GET, POST /security/second-factor; POST /security/second-factor/off : codes of an app at each log-in. */
export function secondFactor(pages: FastifyInstance, { deps, show, confirm }: SecurityKit): void {
  const { store } = deps;
  const guarded = { onRequest: membersOnly };

  pages.get('/security/second-factor', guarded, (request, reply) => form(request, reply, newSecret(), 200, {}));

  pages.post('/security/second-factor', guarded, async (request, reply) => {
    const { words } = request;
    const { aor } = memberOf(request);
    const secret = fieldOf(request.body, 'secret');
    if (!IS_SECRET.test(secret)) return reply.redirect('/security/second-factor', 303);
    const confirmed = await confirm(request, 'factor-password');
    if (confirmed !== 'right') return form(request, reply, secret, 422, confirmed);
    const code = fieldOf(request.body, 'code').replaceAll(/\s/g, '');
    const outcome = await setUpFactor(aor, secret, code, deps);
    if (outcome.kind === 'wrong') return form(request, reply, secret, 422, { code: words.security.factor.wrongCode });
    await note(request, 'second-factor-on');
    return show(request, reply, { recoveryCodes: outcome.recoveryCodes });
  });

  pages.post('/security/second-factor/off', guarded, async (request, reply) => {
    const confirmed = await confirm(request, 'off-password');
    if (confirmed !== 'right') return show(request, reply, { status: 422, errors: confirmed });
    if (await store.secondFactors.remove(memberOf(request).aor)) await note(request, 'second-factor-off');
    say(reply, request.words.security.factor.isOff);
    return reply.redirect('/security', 303);
  });

  function form(
    request: FastifyRequest,
    reply: FastifyReply,
    secret: string,
    status: number,
    errors: FormErrors,
  ): Promise<FastifyReply> {
    const uri = secretUri(addressWords(memberOf(request).aor), secret);
    const model = {
      secret,
      spaced: secret.replaceAll(/(.{4})(?=.)/g, '$1 '),
      drawing: renderSVG(uri, { border: 2 }),
      errors,
    };
    const { title } = request.words.security.factor;
    return showPage(request, reply, deps, { page: 'security/second-factor', title, status, model });
  }

  function note(request: FastifyRequest, act: Act): Promise<void> {
    return noteAct(deps, asMember(request), act, memberOf(request).aor);
  }
}
