import csrfProtection from '@fastify/csrf-protection';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PortalDeps } from '../deps.ts';
import { fieldOf } from './forms.ts';

/** A form that was not made by us for this visitor. */
export class ForeignForm extends Error {
  override readonly name = 'ForeignForm';
  readonly statusCode = 403;
}

/**
 * Every POST carries a token that only our own page for the same session can know: a salted HMAC over a secret in a
 * cookie and the session, under a key that every portal process derives. Before log-in it is a double submit.
 * Where browsers say where a form came from (Fetch Metadata), anything but our own pages is refused as well: that
 * closes the gap of a neighbouring host name that can plant cookies.
 */
export function addCsrf(pages: FastifyInstance, { secrets }: PortalDeps): void {
  pages.register(csrfProtection, {
    cookieKey: 'porchlight_form',
    cookieOpts: { path: '/', httpOnly: true, sameSite: 'lax', secure: 'auto' },
    csrfOpts: { hmacKey: Buffer.from(secrets.deriveKey('web-csrf')), userInfo: true, secretLength: 32 },
    getUserInfo: ownerOfForm,
    getToken: (request) => fieldOf(request.body, '_csrf'),
    logLevel: 'debug',
  });
  pages.addHook('preHandler', (request, reply, done) => {
    if (request.method !== 'POST') return done();
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return done(new ForeignForm('foreign form'));
    pages.csrfProtection(request, reply, done);
  });
}

/** Whose form it is: tokens of one session are worth nothing in another. */
export function ownerOfForm(request: FastifyRequest): string {
  return request.visit.kind === 'member' ? request.visit.session.idHash : 'guest';
}
