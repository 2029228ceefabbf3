import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Aor } from '#model';
import { every, type Timer } from '#runtime';
import { type Account, hashOfSecret, INVITATIONS_KEPT_MS, type Session } from '#store';
import type { PortalDeps } from '../deps.ts';

/** Who is at the door: somebody we do not know yet, or a member with a live session. */
export type Visit =
  | { readonly kind: 'guest' }
  | { readonly kind: 'member'; readonly account: Account; readonly session: Session };

declare module 'fastify' {
  interface FastifyRequest {
    visit: Visit;
  }
}

/** A session ends after this long without a visit, ms. */
export const SESSION_MS = 7 * 24 * 3600_000;
/** And after this long in any case: a secret that somebody copied does not open for ever, ms. */
export const LONGEST_SESSION_MS = 90 * 24 * 3600_000;
/** Browsers that one account is logged in with; the one that was used longest ago makes room. */
export const MAX_SESSIONS = 50;
/** The expiry slides at most this often, so that reading pages is not writing rows, ms. */
const SLIDE_EVERY_MS = 5 * 60_000;
const PURGE_EVERY_MS = 3600_000;
/** What changed how somebody gets in is kept for half a year. */
const AUDIT_KEPT_MS = 183 * 24 * 3600_000;
/** 43 characters of 6 bits each: 258 bits. */
const SECRET_LENGTH = 43;
/** Sent by the page's own script when it looks for news: being looked at is not a visit, and must not keep a session alive. */
const LOOKING = 'x-porchlight-looking';

/** True when the page's own script asks, not a person. */
export const isLooking = (request: FastifyRequest): boolean => request.headers[LOOKING] !== undefined;

const GUEST: Visit = { kind: 'guest' };

/** With https the name carries `__Host-`: the browser then refuses the cookie from anybody but this very host. */
const cookieName = (request: FastifyRequest): string =>
  request.protocol === 'https' ? '__Host-porchlight' : 'porchlight';

/** Finds the visitor of every request of `pages`, slides the expiry, and purges dead sessions now and then. */
export function addSessions(pages: FastifyInstance, deps: PortalDeps): void {
  const { store, clock, log } = deps;
  pages.decorateRequest('visit');
  pages.addHook('onRequest', async (request, reply) => {
    request.visit = await visitOf(request, deps);
    if (request.visit.kind === 'member') await slide(request, reply, request.visit.session, deps);
  });
  let purging: Timer | undefined;
  pages.addHook('onReady', async () => {
    purging = every(
      clock,
      PURGE_EVERY_MS,
      async () => {
        await store.sessions.purge(clock.now());
        await store.tickets.purge(clock.now());
        await store.audit.purge(clock.now() - AUDIT_KEPT_MS);
        await store.invitations.purge(clock.now() - INVITATIONS_KEPT_MS);
      },
      (fault) => log.warn({ fault: String(fault) }, 'what is over could not be purged'),
    );
  });
  pages.addHook('onClose', async () => purging?.cancel());
}

async function visitOf(request: FastifyRequest, { store, clock }: PortalDeps): Promise<Visit> {
  const secret = request.cookies[cookieName(request)];
  if (secret === undefined || secret.length !== SECRET_LENGTH) return GUEST;
  const session = await store.sessions.find(hashOfSecret(secret), clock.now());
  if (session === undefined) return GUEST;
  const account = await store.accounts.find(session.aor);
  return account === undefined || account.disabled ? GUEST : { kind: 'member', account, session };
}

async function slide(request: FastifyRequest, reply: FastifyReply, session: Session, deps: PortalDeps): Promise<void> {
  const now = deps.clock.now();
  if (now - session.lastSeenAt < SLIDE_EVERY_MS || isLooking(request)) return;
  const expiresAt = Math.min(now + SESSION_MS, session.createdAt + LONGEST_SESSION_MS);
  await deps.store.sessions.touch(session.idHash, now, expiresAt);
  keepCookie(request, reply, request.cookies[cookieName(request)] ?? '');
}

/** Opens a new session with a new secret, whatever the browser had before (a planted id gains nothing). */
export async function openSession(
  request: FastifyRequest,
  reply: FastifyReply,
  aor: Aor,
  deps: PortalDeps,
): Promise<void> {
  const now = deps.clock.now();
  const { sessions } = deps.store;
  if (request.visit.kind === 'member') await sessions.end(request.visit.session.idHash);
  // Right passwords are not counted by any limit, so the rows are.
  const longestAgoLast = await sessions.of(aor, now);
  for (const { idHash } of longestAgoLast.slice(MAX_SESSIONS - 1)) await sessions.end(idHash);
  const secret = deps.random.token(SECRET_LENGTH);
  await sessions.create({
    idHash: hashOfSecret(secret),
    aor,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + SESSION_MS,
    userAgent: (request.headers['user-agent'] ?? '').slice(0, 255),
    address: request.ip.slice(0, 64),
  });
  keepCookie(request, reply, secret);
}

/** Ends the session in the database and takes the cookie away. */
export async function endSession(request: FastifyRequest, reply: FastifyReply, deps: PortalDeps): Promise<void> {
  if (request.visit.kind === 'member') await deps.store.sessions.end(request.visit.session.idHash);
  reply.clearCookie(cookieName(request), { path: '/', secure: 'auto' });
}

function keepCookie(request: FastifyRequest, reply: FastifyReply, secret: string): void {
  reply.setCookie(cookieName(request), secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: 'auto',
    maxAge: SESSION_MS / 1000,
  });
}

/** Hook for pages that belong to somebody: a guest is sent to the log-in page and comes back afterwards. */
export async function membersOnly(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (request.visit.kind === 'member') return undefined;
  const back = request.method === 'GET' ? `?next=${encodeURIComponent(request.url)}` : '';
  return reply.redirect(`/login${back}`, 303);
}

/** The session of a route behind {@link membersOnly}. */
export function sessionOf(request: FastifyRequest): Session {
  if (request.visit.kind === 'member') return request.visit.session;
  throw new Error('a members-only route was reached by a guest');
}

/** The member of a route behind {@link membersOnly}. */
export function memberOf(request: FastifyRequest): Account {
  if (request.visit.kind === 'member') return request.visit.account;
  throw new Error('a members-only route was reached by a guest');
}
