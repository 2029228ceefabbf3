import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { renderSVG } from 'uqr';
import { type Account, issueLink, type Sighting, spendLink } from '#store';
import type { PortalDeps } from '../../deps.ts';
import { homeOf, makeLimit } from '../../plugins/limits.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
import { spanWords } from '../../times.ts';
import type { Words } from '../../words/index.ts';
import { guidesFor, type PhoneSettings } from './clients.ts';
import { type OpenHa1, provisioningDocument } from './provisioning.ts';
import { serverForPhones } from './server.ts';

/** So long a link opens one phone's settings, once. */
const LINK_MS = 10 * 60_000;
/** Links that one account makes, and tries of links from one home. */
const LINKS = { burst: 10, refillMs: 60_000 };
const TRIES = { burst: 20, refillMs: 30_000 };

/** GET /phones, POST /phones/link, GET /phones/settings/:secret : set up a phone, and see whether it has arrived. */
export function phones(pages: FastifyInstance, deps: PortalDeps): void {
  const { store, secrets } = deps;
  const perAccount = makeLimit(deps.clock, LINKS);
  const perHome = makeLimit(deps.clock, TRIES);

  pages.get('/phones', { onRequest: membersOnly }, (request, reply) => page(request, reply, undefined));

  pages.post('/phones/link', { onRequest: membersOnly }, async (request, reply) => {
    const { aor } = memberOf(request);
    const wait = perAccount.take(aor);
    if (wait > 0) {
      const error = request.words.login.tooMany(spanWords(wait * 1000, request.words));
      return page(request, reply.header('retry-after', wait), undefined, error);
    }
    const link = await issueLink(aor, 'phone', LINK_MS, deps);
    if (link === undefined) return reply.redirect('/login', 303);
    const url = `${baseOf(request)}phones/settings/${link.secret}`;
    return page(request, reply, { url, expiresAt: link.expiresAt, qr: renderSVG(url, { border: 2 }) });
  });

  /** For the phone, which has no session: the link is the key, once. Another answer for everything that is not so. */
  pages.get<{ Params: { secret: string } }>('/phones/settings/:secret', async (request, reply) => {
    const home = homeOf(request.ip);
    const owner = perHome.take(home) > 0 ? undefined : await spendLink(request.params.secret, 'phone', deps);
    const account = owner === undefined ? undefined : await store.accounts.find(owner);
    if (account === undefined || account.disabled) return reply.callNotFound();
    perHome.giveBack(home);
    const secret = isPrivate(request) ? await ha1Of(account) : undefined;
    return reply
      .header('cache-control', 'no-store')
      .type('application/xml; charset=utf-8')
      .send(provisioningDocument(settingsOf(account, request), secret));
  });

  async function ha1Of(account: Account): Promise<OpenHa1 | undefined> {
    const realm = deps.realms.of(account.domain);
    const stored = (await store.accounts.credentials([account.aor])).get(account.aor)?.credentials ?? [];
    const found = stored.find(
      (one) => one.algorithm === 'MD5' && one.realm === realm && one.username === account.username,
    );
    const ha1 = found && secrets.openHa1(found);
    return found === undefined || ha1 === undefined ? undefined : { algorithm: found.algorithm, ha1 };
  }

  function settingsOf({ username, domain }: Account, request: FastifyRequest): PhoneSettings {
    const host = deps.url === undefined ? request.hostname : new URL(deps.url).hostname;
    const [transport = 'UDP'] = deps.phone.transport.split(' or ');
    const server = serverForPhones(deps.phone, host);
    return { username, domain, server, transport: transport.toLowerCase(), realm: deps.realms.of(domain) };
  }

  const baseOf = (request: FastifyRequest): string => deps.url ?? `${request.protocol}://${request.host}/`;

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    link: { readonly url: string; readonly expiresAt: number; readonly qr: string } | undefined,
    error?: string,
  ): Promise<FastifyReply> {
    const account = memberOf(request);
    const { words } = request;
    const settings = settingsOf(account, request);
    const model = {
      settings: { ...settings, address: `${account.username}@${account.domain}`, transport: deps.phone.transport },
      guides: guidesFor(settings, words),
      link,
      error,
      isPrivate: isPrivate(request),
      sightings: (await store.sightings.of(account.aor)).map((one) => sightingInWords(one, words)),
    };
    const status = error === undefined ? 200 : 429;
    return show(request, reply, deps, { page: 'phones', title: words.phones.title, status, model });
  }
}

/** Whether what is sent to this browser can be read by nobody on the way: what opens an account goes no other way. */
function isPrivate(request: FastifyRequest): boolean {
  return request.protocol === 'https' || /^(localhost|127\.0\.0\.1|\[?::1\]?)$/.test(request.hostname);
}

function sightingInWords({ kind, client, flow, status, at }: Sighting, { phones: words }: Words): object {
  return {
    kind,
    what: words.kinds[kind],
    next: kind === 'refused' ? words.next.refused(status) : words.next[kind],
    client: client === '' ? words.nameless : client,
    address: flow.replace(/^\w+:/, '').replace(/[|].*$/, ''),
    at,
  };
}
