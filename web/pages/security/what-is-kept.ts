import type { FastifyInstance } from 'fastify';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import type { SecurityKit } from './kit.ts';

/** GET /security/my-data.json : everything that is kept about me, in one file (GDPR article 20). No secret is in it. */
export function whatIsKept(pages: FastifyInstance, { deps: { store, clock } }: SecurityKit): void {
  pages.get('/security/my-data.json', { onRequest: membersOnly }, async (request, reply) => {
    const account = memberOf(request);
    const { aor } = account;
    const now = clock.now();
    const [
      rules,
      groups,
      publications,
      watchers,
      past,
      devices,
      sessions,
      passkeys,
      sightings,
      availability,
      preferences,
      traces,
    ] = await Promise.all([
      store.rules.of(aor),
      store.groups.of(aor),
      store.publications.of(aor, now),
      store.subscriptions.of(aor, now),
      store.pastWatchers.of(aor),
      store.devicePasswords.of(aor),
      store.sessions.of(aor, now),
      store.passkeys.of(aor),
      store.sightings.of(aor),
      store.availability.of(aor, 0),
      store.preferences.of(aor),
      store.traces.of(aor),
    ]);
    const kept = {
      account: { address: aor, userName: account.username, createdAt: instant(account.createdAt) },
      preferences: Object.fromEntries(preferences),
      rules,
      groups,
      publications: publications.map(({ event, userAgent, contentType, body, modifiedAt, expiresAt }) => ({
        event,
        device: userAgent,
        contentType,
        body: Buffer.from(body).toString('utf8'),
        modifiedAt: instant(modifiedAt),
        expiresAt: instant(expiresAt),
      })),
      watchers: watchers.map(({ watcher, event, state, userAgent, createdAt, expiresAt }) => ({
        watcher,
        event,
        state,
        client: userAgent,
        since: instant(createdAt),
        expiresAt: instant(expiresAt),
      })),
      pastWatchers: past,
      sightings,
      availability,
      sipMessages: traces.map(({ at, direction, flow, text }) => ({ at: instant(at), direction, flow, text })),
      devicePasswords: devices.map((device) => ({ ...device, createdAt: instant(device.createdAt) })),
      passkeys: passkeys.map(({ label, createdAt, lastUsedAt }) => ({
        label,
        createdAt: instant(createdAt),
        ...(lastUsedAt === undefined ? {} : { lastUsedAt: instant(lastUsedAt) }),
      })),
      sessions: sessions.map(({ userAgent, address, createdAt, lastSeenAt }) => ({
        browser: userAgent,
        address,
        createdAt: instant(createdAt),
        lastSeenAt: instant(lastSeenAt),
      })),
    };
    return reply
      .header('cache-control', 'no-store')
      .header('content-disposition', 'attachment; filename="porchlight-my-data.json"')
      .type('application/json')
      .send(`${JSON.stringify(kept, undefined, 2)}\n`);
  });
}

const instant = (at: number): string => new Date(at).toISOString();
