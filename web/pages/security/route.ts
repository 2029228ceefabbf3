import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MAILS_ASKS } from '#store';
import type { PortalDeps } from '../../deps.ts';
import { mailIn } from '../../mail/address.ts';
import { placeOf } from '../../passkeys.ts';
import { memberOf, membersOnly, sessionOf } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { browserWords } from './browser-words.ts';
import { browsers } from './browsers.ts';
import { changePassword } from './change-password.ts';
import { makeConfirm } from './confirm.ts';
import { devices } from './devices.ts';
import type { SecurityKit, ShownOnce } from './kit.ts';
import { leave } from './leave.ts';
import { mail } from './mail.ts';
import { passkeys } from './passkeys.ts';
import { secondFactor } from './second-factor.ts';
import { whatIsKept } from './what-is-kept.ts';

/** GET /security : how I get in, who else is in, what is kept of me, and the way out. Each part has a file of its own. */
export function security(pages: FastifyInstance, deps: PortalDeps): void {
  const { store, clock } = deps;
  const kit: SecurityKit = { deps, show: page, confirm: makeConfirm(deps) };

  pages.get('/security', { onRequest: membersOnly }, (request, reply) => page(request, reply, {}));
  for (const part of [changePassword, devices, browsers, secondFactor, passkeys, mail, whatIsKept, leave])
    part(pages, kit);

  async function page(request: FastifyRequest, reply: FastifyReply, shown: ShownOnce): Promise<FastifyReply> {
    const { aor, username } = memberOf(request);
    const { words } = request;
    const [ownUse, devicePasswords, sessions, factor, keys, preferences] = await Promise.all([
      store.devicePasswords.ownUse(aor),
      store.devicePasswords.of(aor),
      store.sessions.of(aor, clock.now()),
      store.secondFactors.of(aor),
      store.passkeys.of(aor),
      store.preferences.of(aor),
    ]);
    const model = {
      username,
      ownUse,
      devices: devicePasswords,
      sessions: sessions.map((session) => ({
        id: session.idHash,
        mine: session.idHash === sessionOf(request).idHash,
        name: browserWords(session.userAgent, words.security.sessions.unknown),
        address: session.address,
        createdAt: session.createdAt,
        lastSeenAt: session.lastSeenAt,
      })),
      factor: factor && { since: factor.since, recoveryLeft: factor.recoveryLeft },
      passkeys: keys.map(({ id, label, createdAt, lastUsedAt }) => ({ id, label, createdAt, lastUsedAt })),
      hasPasskeys: placeOf(request, deps) !== undefined,
      keptPasskey: shown.keptPasskey ?? '',
      mail: {
        canMail: deps.mailer !== undefined,
        ...mailIn(preferences),
        asks: preferences.has(MAILS_ASKS),
        kept: shown.keptMail ?? '',
      },
      made: shown.made,
      recoveryCodes: shown.recoveryCodes,
      keptLabel: shown.keptLabel ?? '',
      errors: shown.errors ?? {},
    };
    const title = words.security.title;
    return show(request, reply, deps, { page: 'security', title, status: shown.status ?? 200, model });
  }
}
