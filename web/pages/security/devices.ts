import type { FastifyInstance } from 'fastify';
import { MAX_DEVICE_PASSWORDS } from '#store';
import { makeDevicePassword } from '../../device-password.ts';
import { say } from '../../plugins/flash.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import type { SecurityKit } from './kit.ts';
import { MAX_LABEL, readLabel } from './label.ts';

/** POST /security/devices, /security/devices/revoke : a password of its own for each phone, taken back one by one. */
export function devices(pages: FastifyInstance, { deps, show }: SecurityKit): void {
  const { store, secrets, realms, random, clock } = deps;
  const guarded = { onRequest: membersOnly };

  pages.post('/security/devices', guarded, async (request, reply) => {
    const { words } = request;
    const { aor, username, domain } = memberOf(request);
    const label = readLabel(request.body, 'label');
    const wrong = (text: string) => show(request, reply, { status: 422, errors: { label: text }, keptLabel: label });
    if (label === '') return wrong(words.security.devices.needName);
    if (label.length > MAX_LABEL) return wrong(words.security.devices.longName(MAX_LABEL));
    const password = makeDevicePassword(random);
    const device = { label, createdAt: clock.now() };
    const credentials = secrets.credentialsFor(username, realms.of(domain), password, device);
    switch (await store.devicePasswords.add(aor, credentials)) {
      case 'added':
        return show(request, reply, { made: { label, password } });
      case 'taken':
        return wrong(words.security.devices.taken);
      case 'too-many':
        return wrong(words.security.devices.tooMany(MAX_DEVICE_PASSWORDS));
      case 'no-account':
        return reply.redirect('/login', 303);
    }
  });

  pages.post('/security/devices/revoke', guarded, async (request, reply) => {
    const { words } = request;
    const label = fieldOf(request.body, 'label');
    const revoked = await store.devicePasswords.revoke(memberOf(request).aor, label);
    say(reply, revoked ? words.security.devices.revoked(label) : words.security.devices.wasGone(label));
    return reply.redirect('/security', 303);
  });
}
