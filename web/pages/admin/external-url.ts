import type { FastifyRequest } from 'fastify';
import type { PortalDeps } from '../../deps.ts';

/** A page of the portal as others find it: by WEB_URL, else by the address that this browser came by. */
export function externalUrl(request: FastifyRequest, { url }: Pick<PortalDeps, 'url'>, path: string): string {
  return `${(url ?? `${request.protocol}://${request.host}`).replace(/\/+$/, '')}${path}`;
}
