import type { FastifyRequest } from 'fastify';
import type { PortalDeps } from './deps.ts';

/** Where the portal is for others: by WEB_URL, else by the address that this browser came by. */
export function externalBase({ protocol, host }: FastifyRequest, { url }: Pick<PortalDeps, 'url'>): string {
  return url ?? `${protocol}://${host}/`;
}

/** A page of the portal as others find it. @param path begins with a slash. */
export function externalUrl(request: FastifyRequest, deps: Pick<PortalDeps, 'url'>, path: string): string {
  return `${externalBase(request, deps).replace(/\/+$/, '')}${path}`;
}
