import type { FastifyInstance } from 'fastify';
import type { Publication } from '#model';
import type { PresenceSummary } from '#packages';
import type { PortalDeps } from '../../deps.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { deviceSays, othersSee, PRESENCE } from '../../portrait.ts';
import { activityWords, eventWords, permissionWords } from '../../words.ts';
import { serverForPhones } from './phone.ts';

/** GET /presence : what my devices say, what others see of it, and how to set up a phone. Home. */
export function presence(pages: FastifyInstance, deps: PortalDeps): void {
  pages.get('/presence', { onRequest: membersOnly }, async (request, reply) => {
    const { aor, username, domain } = memberOf(request);
    const now = deps.clock.now();
    const published = await deps.store.publications.of(aor, now);
    const { says, document } = othersSee(aor, published.filter(isPresence), now);
    const model = {
      seen: stateWords(published.some(isPresence) ? says : undefined),
      document,
      devices: published.toReversed().map(device),
      byDefault: permissionWords(deps.defaultPermission),
      phone: {
        server: serverForPhones(deps.phone, deps.url === undefined ? request.hostname : new URL(deps.url).hostname),
        domain,
        username,
        address: `${username}@${domain}`,
        transport: deps.phone.transport,
      },
    };
    return show(request, reply, deps, { page: 'presence', title: 'My presence', model });
  });
}

const isPresence = ({ event }: Publication): boolean => event === PRESENCE;

function device(publication: Publication): object {
  const { event, userAgent, modifiedAt, expiresAt } = publication;
  const spoken = isPresence(publication)
    ? stateWords(deviceSays(publication))
    : { ...SILENT, state: eventWords(event) };
  return { name: userAgent === '' ? 'A phone without a name' : userAgent, ...spoken, modifiedAt, expiresAt };
}

interface StateWords {
  readonly lit: boolean;
  readonly state: string;
  readonly notes: readonly string[];
}

const SILENT: StateWords = { lit: false, state: 'Offline', notes: [] };

function stateWords(says: PresenceSummary | undefined): StateWords {
  if (says === undefined) return SILENT;
  const doing = says.activities.filter((activity) => activity !== 'unknown').map(activityWords);
  return { lit: says.open, state: [says.open ? 'Available' : 'Offline', ...doing].join(', '), notes: says.notes };
}
