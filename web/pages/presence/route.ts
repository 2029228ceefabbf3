import type { FastifyInstance } from 'fastify';
import type { Aor, Publication } from '#model';
import type { PortalDeps } from '../../deps.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { type Portrait, readPortrait } from '../../portrait.ts';
import { activityWords, eventWords, permissionWords } from '../../words.ts';
import { serverForPhones } from './phone.ts';

const PRESENCE = 'presence';

/** GET /presence : what my devices say, what others see of it, and how to set up a phone. Home. */
export function presence(pages: FastifyInstance, deps: PortalDeps): void {
  pages.get('/presence', { onRequest: membersOnly }, async (request, reply) => {
    const account = memberOf(request);
    const published = await deps.store.publications.of(account.aor, deps.clock.now());
    const model = {
      ...(await composed(account.aor, published)),
      devices: await Promise.all([...published].reverse().map(device)),
      byDefault: permissionWords(deps.defaultPermission),
      phone: {
        server: serverForPhones(deps.phone, request.hostname),
        domain: account.domain,
        username: account.username,
        address: `${account.username}@${account.domain}`,
        transport: deps.phone.transport,
      },
    };
    return show(request, reply, deps, { page: 'presence', title: 'My presence', model });
  });

  async function composed(owner: Aor, published: readonly Publication[]): Promise<object> {
    const mine = published.filter(({ event }) => event === PRESENCE);
    const document = await deps.draw(PRESENCE, owner, mine, 'allow');
    return {
      seen: inWords(mine.length > 0 && document !== undefined ? readPortrait(document) : undefined),
      document: document === undefined ? undefined : Buffer.from(document).toString(),
    };
  }

  async function device(publication: Publication): Promise<object> {
    const { event, presentity, userAgent, modifiedAt, expiresAt } = publication;
    const drawn = event === PRESENCE ? await deps.draw(event, presentity, [publication], 'allow') : undefined;
    return {
      name: userAgent === '' ? 'A device without a name' : userAgent,
      what: event === PRESENCE ? undefined : eventWords(event),
      ...inWords(drawn === undefined ? undefined : readPortrait(drawn)),
      modifiedAt,
      expiresAt,
    };
  }
}

function inWords(portrait: Portrait | undefined): object {
  if (portrait === undefined) return { basic: 'unknown', state: 'Nothing to be seen', notes: [] };
  const doing = portrait.activities.map(activityWords).join(', ');
  const basic = { open: 'Available', closed: 'Not available', unknown: 'No word about it' }[portrait.basic];
  return { basic: portrait.basic, state: doing === '' ? basic : `${basic}, ${doing}`, notes: portrait.notes };
}
