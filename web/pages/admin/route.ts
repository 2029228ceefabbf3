import type { FastifyInstance } from 'fastify';
import type { PortalDeps } from '../../deps.ts';
import { makeConfirm } from '../security/confirm.ts';
import { account } from './account.ts';
import { audit } from './audit.ts';
import type { AdminKit } from './kit.ts';
import { packages } from './packages.ts';
import { registration } from './registration.ts';
import { server } from './server.ts';
import { users } from './users.ts';

/**
 * /admin : running the server. Each part has a file of its own, and every route of each is behind `administratorsOnly`.
 * What is done here the command line can do as well, by the same functions, and both are in one audit log.
 */
export function admin(pages: FastifyInstance, deps: PortalDeps): void {
  const kit: AdminKit = { deps, confirm: makeConfirm(deps) };
  for (const part of [server, users, account, registration, packages, audit]) part(pages, kit);
}
