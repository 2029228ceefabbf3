import type { FastifyRequest } from 'fastify';
import type { Actor } from '#store';
import { memberOf, membersOnly } from './session.ts';

/** Whoever runs no server finds no page there. */
export class NotForMembers extends Error {
  override readonly name = 'NotForMembers';
  readonly statusCode = 404;
}

/**
 * Hooks for pages of administrators. Members get the page of an address where nothing is; guests are asked to log in, as
 * everywhere. The account was read for this very request, so who was one a moment ago is one no longer.
 */
export const administratorsOnly = [
  membersOnly,
  async (request: FastifyRequest): Promise<void> => {
    if (request.visit.kind === 'member' && request.visit.account.admin !== true) throw new NotForMembers('no page');
  },
];

/** The member, as who acts on what is their own. */
export const asMember = (request: FastifyRequest): Actor => ({ name: memberOf(request).aor, address: request.ip });

/** The administrator, as who acts on what is others': checked once more in the transaction of each act that needs it. */
export const asAdministrator = (request: FastifyRequest): Actor => ({
  ...asMember(request),
  administrator: memberOf(request).aor,
});
