/** A server as an administrator finds it after a day: people, invitations, event packages, an hour of numbers. */
import type { Aor } from '#model';
import { makeRandom, systemClock } from '#runtime';
import { COMMAND_LINE, makeInvitation, noteAct, type Store, turnAccount, turnPackage } from '#store';

const MINUTE = 60_000;

export async function furnishServer(store: Store, domain: string, admin: string): Promise<void> {
  const clock = systemClock;
  const now = clock.now();
  const aor = (name: string): Aor => `sip:${name}@${domain}` as Aor;
  const needs = { store, clock, random: makeRandom() };
  const actor = { name: aor(admin), address: '192.0.2.17' };
  const people = ['anna.lindqvist', 'bruno', 'chiara', 'dimitri', 'emre', 'fatima', 'gustav', 'hanne'];
  const names = [
    ...people,
    'somebody-with-a-remarkably-long-user-name',
    ...Array.from({ length: 20 }, (_, of) => `x${of}`),
  ];
  await store.accounts.createMany(
    names.map((username, index) => ({
      aor: aor(username),
      username,
      domain,
      passwordHash: undefined,
      credentials: [],
      createdAt: now - index * 26 * 3_600_000,
    })),
  );
  await store.accounts.setAdmin(aor(admin), true);
  await store.accounts.setAdmin(aor('chiara'), true);
  await turnAccount(needs, actor, aor('bruno'), true);

  await makeInvitation(needs, actor, { note: 'Grandma', livesMs: 86_400_000 });
  await makeInvitation(needs, COMMAND_LINE, { note: 'the choir, second row', livesMs: 7 * 86_400_000 });

  const broken = { event: 'mood', module: '/opt/packages/mood.mjs', enabled: true };
  await store.eventLoader.set(broken);
  const weather = { event: 'weather', module: '@example/weather', enabled: true };
  await store.eventLoader.set(weather);
  await turnPackage(needs, actor, weather, false);
  await noteAct(needs, COMMAND_LINE, 'backup', '', 'Backed up 30 accounts, 12 rules, 8 publications, 40 subscriptions');

  const self = { role: 'sip', pid: 4242, version: '0.1.0', listens: ['udp:0.0.0.0:5060', 'tcp:0.0.0.0:5060'] };
  const loaded = (event: string) => ({
    event,
    module: `builtin:${event}`,
    state: 'loaded' as const,
    why: '',
    since: now - 95 * MINUTE,
  });
  await store.nodes.report({
    ...self,
    id: 'one',
    state: 'serving',
    host: 'porch#1a2b3c4d',
    startedAt: now - 96 * MINUTE,
    since: now - 95 * MINUTE,
    // It stays so while the pictures are taken.
    seenAt: now + 15 * MINUTE,
    packages: [
      {
        ...broken,
        state: 'broken',
        why: "Cannot find module '/opt/packages/mood.mjs' imported from /app/services/packages/load.js",
        since: now - 95 * MINUTE,
      },
      loaded('presence'),
      loaded('presence.winfo'),
    ],
  });
  await store.nodes.report({
    ...self,
    id: 'two',
    state: 'waiting',
    host: 'attic#99aabbcc',
    startedAt: now - 20 * MINUTE,
    since: now - 20 * MINUTE,
    seenAt: now + 15 * MINUTE,
    packages: [],
  });
  for (let minute = 58; minute >= 0; minute -= 1) {
    // A service that was started anew has counted nothing meanwhile.
    if (minute > 30 && minute < 34) continue;
    const wave = Math.sin(minute / 7);
    await store.nodes.write({
      node: 'one',
      at: now - minute * MINUTE,
      spanMs: 5_000,
      publications: Math.round(820 + 140 * wave),
      subscriptions: Math.round(9_800 + 900 * Math.cos(minute / 11)),
      notifies: Math.round(400 + 260 * Math.sin(minute / 3)),
      lagMs: minute === 12 ? 480 : Math.round(20 + 14 * Math.abs(wave)),
      failures: minute % 4 === 0 ? { 'in 403': 3, 'in 489': 1, 'out timeout': minute % 3, 'out 481': 2 } : {},
    });
  }
}
