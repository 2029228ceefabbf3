import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { renderSVG } from 'uqr';
import { type Account, issueLink, MAX_DEVICE_PASSWORDS, type Sighting, spendLink } from '#store';
import type { PortalDeps } from '../../deps.ts';
import { makeDevicePassword } from '../../device-password.ts';
import { externalUrl } from '../../external-url.ts';
import { heldBack } from '../../plugins/held-back.ts';
import { homeOf, makeLimit } from '../../plugins/limits.ts';
import { memberOf, membersOnly } from '../../plugins/session.ts';
import { show } from '../../plugins/view.ts';
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
  const { store, secrets, clock, random } = deps;
  const perAccount = makeLimit(deps.clock, LINKS);
  const perHome = makeLimit(deps.clock, TRIES);

  pages.get('/phones', { onRequest: membersOnly }, (request, reply) => page(request, reply, undefined));

  pages.post('/phones/link', { onRequest: membersOnly }, async (request, reply) => {
    const { aor } = memberOf(request);
    const wait = perAccount.take(aor);
    if (wait > 0) return page(request, reply, undefined, heldBack(reply, wait, request.words));
    if (isPrivate(request) && (await store.devicePasswords.of(aor)).length >= MAX_DEVICE_PASSWORDS) {
      return page(request, reply, undefined, request.words.security.devices.tooMany(MAX_DEVICE_PASSWORDS), 422);
    }
    const link = await issueLink(aor, 'phone', LINK_MS, deps);
    if (link === undefined) return reply.redirect('/login', 303);
    const url = externalUrl(request, deps, `/phones/settings/${link.secret}`);
    return page(request, reply, { url, expiresAt: link.expiresAt, qr: renderSVG(url, { border: 2 }) });
  });

  /**
   * For the phone, which has no session: the link is the key, once. Another answer for everything that is not so. HEAD, by
   * which some look at links that are passed on, would spend it, and is not answered.
   */
  const once = { exposeHeadRoute: false };
  pages.get<{ Params: { secret: string } }>('/phones/settings/:secret', once, async (request, reply) => {
    const home = homeOf(request.ip);
    const owner = perHome.take(home) > 0 ? undefined : await spendLink(request.params.secret, 'phone', deps);
    const account = owner === undefined ? undefined : await store.accounts.find(owner);
    if (account === undefined || account.disabled) return reply.callNotFound();
    perHome.giveBack(home);
    const secret = isPrivate(request) ? await newHa1(account) : undefined;
    return reply
      .header('cache-control', 'no-store')
      .type('application/xml; charset=utf-8')
      .send(provisioningDocument(settingsOf(account, request), secret));
  });

  /**
   * Of a password for this phone alone, which nobody ever sees: from the HA1 of the account's own, a machine would guess the
   * password that opens the portal. Undefined where the account has as many as it can have.
   */
  async function newHa1({ aor, username, domain }: Account): Promise<OpenHa1 | undefined> {
    const now = clock.now();
    const device = { label: `Linphone ${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}`, createdAt: now };
    const made = secrets.credentialsFor(username, deps.realms.of(domain), makeDevicePassword(random), device);
    if ((await store.devicePasswords.add(aor, made)) !== 'added') return undefined;
    const plain = made.find(({ algorithm }) => algorithm === 'MD5');
    const ha1 = plain && secrets.openHa1(plain);
    return ha1 === undefined ? undefined : { algorithm: 'MD5', ha1 };
  }

  function settingsOf({ username, domain }: Account, request: FastifyRequest): PhoneSettings {
    const host = deps.url === undefined ? request.hostname : new URL(deps.url).hostname;
    const [transport = 'UDP'] = deps.phone.transport.split(' or ');
    const server = serverForPhones(deps.phone, host);
    return { username, domain, server, transport: transport.toLowerCase(), realm: deps.realms.of(domain) };
  }

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    link: { readonly url: string; readonly expiresAt: number; readonly qr: string } | undefined,
    error?: string,
    status = error === undefined ? 200 : 429,
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
