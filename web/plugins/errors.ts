import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { StoreUnavailable } from '#store';
import type { PortalDeps } from '../deps.ts';
import type { Words } from '../words/index.ts';
import { ForeignForm } from './csrf.ts';
import { tooSoon } from './held-back.ts';
import { TooFast } from './pace.ts';

/** Seconds after which a browser may try again when the database is away. */
const RETRY_AFTER = 5;

/** Plain, friendly pages for what goes wrong. They ask nothing of the database, which may be what went wrong. */
export function addErrorPages(app: FastifyInstance, { log }: PortalDeps): void {
  app.setNotFoundHandler((request, reply) => sorry(request, reply, 404));
  app.setErrorHandler((fault: FastifyError, request, reply) => {
    if (fault instanceof StoreUnavailable) {
      log.warn({ fault: fault.message, url: request.routeOptions.url }, 'the store is unavailable');
      return sorry(request, reply.header('retry-after', RETRY_AFTER), 503);
    }
    if (fault instanceof TooFast) reply.header('retry-after', fault.waitSeconds);
    const status = statusOf(fault);
    if (status >= 500)
      log.error({ fault: fault.stack ?? String(fault), url: request.routeOptions.url }, 'a page failed');
    return sorry(request, reply, status);
  });
}

function statusOf(fault: FastifyError): number {
  if (fault instanceof ForeignForm) return fault.statusCode;
  const status = fault.statusCode ?? 500;
  return status >= 400 && status < 500 ? status : 500;
}

function sorry({ words: w }: FastifyRequest, reply: FastifyReply, status: number): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('content-language', w.language)
    .view('layouts/sorry', { w, status, ...sentences(status, w, Number(reply.getHeader('retry-after') ?? 1)) });
}

function sentences(
  status: number,
  words: Words,
  waitSeconds: number,
): { readonly title: string; readonly text: string } {
  const { errors } = words;
  switch (status) {
    case 403:
      return { title: errors.oldForm, text: errors.oldFormBody };
    case 404:
      return { title: errors.nowhere, text: errors.nowhereBody };
    case 413:
      return { title: errors.tooLarge, text: errors.tooLargeBody };
    case 429:
      return { title: errors.fast, text: tooSoon(waitSeconds, words) };
    case 503:
      return { title: errors.away, text: errors.awayBody };
    case 500:
      return { title: errors.ours, text: errors.oursBody };
    default:
      return { title: errors.strange, text: errors.strangeBody };
  }
}
