/** Twinkle without its windows (Debian: twinkle-console), as a presentity: no registration, one profile, words on its input. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/ports.ts';
import {
  aor,
  DOMAIN,
  eventually,
  openPlace,
  type Place,
  passwordOf,
  type Running,
  toolsInstalled,
  uri,
  within,
} from '../support/processes.ts';

const hasTwinkle = toolsInstalled('clients: Twinkle publishes', [
  { program: 'twinkle-console', package: 'twinkle-console' },
]);

async function startTwinkle(place: Place, user: string): Promise<Running> {
  const folder = join(place.folder, 'twinkle');
  mkdirSync(join(folder, '.twinkle'), { recursive: true });
  const write = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(folder, '.twinkle', name), `${lines.join('\n')}\n`);
  write('phone.cfg', [
    `user_name=${user}`,
    `user_domain=${DOMAIN}`,
    `auth_name=${user}`,
    `auth_pass=${passwordOf(user)}`,
    `outbound_proxy=${place.server}`,
    'all_requests_to_proxy=yes',
    'register_at_startup=no',
    'pres_publish_startup=no',
    'pres_publication_time=600',
  ]);
  write('twinkle.sys', [`sip_port=${await freePort()}`, `rtp_port=${await freePort()}`]);
  const phone = place.program('stdbuf', ['-oL', 'twinkle-console', 'phone.cfg'], { cwd: folder });
  await phone.until(/^Local IP:/);
  return phone;
}

describe.skipIf(!hasTwinkle)('Twinkle', () => {
  let place: Place;
  beforeAll(async () => {
    place = await openPlace();
    await place.startSip();
    await place.addUsers('alice', 'bob');
    await place.allowAll('alice');
  }, 60_000);
  afterAll(() => place?.close());

  it('RFC 3903 §4: publishes online, then offline as a modification of it; its watcher sees both', async () => {
    const bob = await place.peer('bob');
    const watch = await within(bob.subscribe({ to: uri('alice'), expires: 600 }), 'a SUBSCRIBE');
    expect(watch.response.status).toBe(200);
    const phone = await startTwinkle(place, 'alice');
    const sees = (basic: 'open' | 'closed') =>
      within(
        watch.until(({ body }) => body.includes(`<basic>${basic}</basic>`) && body.includes('sip:alice')),
        `the watcher sees ${basic}`,
      );
    phone.write('presence -b online\n');
    await sees('open');
    const [first] = await place.store.publications.of(aor('alice'), Date.now());
    expect(first).toMatchObject({ userAgent: expect.stringContaining('Twinkle') });
    phone.write('presence -b offline\n');
    const gone = await eventually('the modification', async () => {
      const [now] = await place.store.publications.of(aor('alice'), Date.now());
      return now !== undefined && now.etag !== first?.etag ? now : undefined;
    });
    expect(gone.id).toBe(first?.id);
    expect(Buffer.from(gone.body).toString()).toContain('<basic>closed</basic>');
    await within(
      watch.until(({ body, at }) => at > (watch.notifies[1]?.at ?? 0) && body.includes('<basic>closed</basic>')),
      'the watcher sees closed',
    );
    phone.write('quit\n');
    await within(phone.ended, 'quit', 30_000);
  }, 60_000);
});
