import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { StoreUnavailable } from '#store';
import type { PortalDeps } from '../deps.ts';
import { ForeignForm } from './csrf.ts';

/** Seconds after which a browser may try again when the database is away. */
const RETRY_AFTER = 5;

/** Plain, friendly pages for what goes wrong. They ask nothing of the database, which may be what went wrong. */
export function addErrorPages(app: FastifyInstance, { log }: PortalDeps): void {
  app.setNotFoundHandler((_request, reply) => sorry(reply, 404));
  app.setErrorHandler((fault: FastifyError, request, reply) => {
    if (fault instanceof StoreUnavailable) {
      log.warn({ fault: fault.message, url: request.routeOptions.url }, 'the store is unavailable');
      return sorry(reply.header('retry-after', RETRY_AFTER), 503);
    }
    const status = statusOf(fault);
    if (status >= 500)
      log.error({ fault: fault.stack ?? String(fault), url: request.routeOptions.url }, 'a page failed');
    return sorry(reply, status);
  });
}

function statusOf(fault: FastifyError): number {
  if (fault instanceof ForeignForm) return fault.statusCode;
  const status = fault.statusCode ?? 500;
  return status >= 400 && status < 500 ? status : 500;
}

function sorry(reply: FastifyReply, status: number): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .view('layouts/sorry', { status, ...sentences(status) });
}

function sentences(status: number): { readonly title: string; readonly text: string } {
  switch (status) {
    case 403:
      return {
        title: 'This form had grown old',
        text: 'The page was open for too long, or it was not ours. Nothing was changed. Go back, load the page again, and send it once more.',
      };
    case 404:
      return { title: 'Nobody lives here', text: 'There is no page at this address.' };
    case 413:
      return { title: 'That was too much', text: 'What you sent is larger than any form of ours.' };
    case 503:
      return {
        title: 'Back in a moment',
        text: 'The database does not answer right now. Nothing is lost; please try again in a few seconds.',
      };
    case 500:
      return { title: 'Something went wrong', text: 'It is our fault, not yours, and it has been written down.' };
    default:
      return {
        title: STATUS_CODES[status] ?? 'That did not work',
        text: 'The server could not make sense of this request.',
      };
  }
}
