import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PortalDeps } from '../deps.ts';
import { fieldOf } from '../plugins/forms.ts';
import { howManyAsk } from '../watching.ts';
import { makeHub, type News } from './hub.ts';

/** A reader that does not read is let go, bytes that wait for it. */
const MAX_UNREAD = 65_536;
/** A browser whose stream was cut comes back after this long, ms. */
const RETRY_MS = 3000;

/**
 * GET /live : server-sent events (WHATWG HTML §9.2) for an open page: *look again*. GET /live/news : the same question
 * asked by hand, for browsers and proxies that let no stream through, and for pages nobody looks at.
 */
export function live(pages: FastifyInstance, deps: PortalDeps): void {
  const hub = makeHub(deps);
  // Before the server waits for its connections, which these would keep for ever.
  pages.addHook('preClose', async () => hub.close());

  pages.get('/live', async (request, reply) => {
    const { visit } = request;
    // 204 tells an EventSource to stay away.
    if (visit.kind !== 'member') return reply.code(204).send();
    const stream = openStream(request, reply);
    const leave = hub.join({
      owner: visit.account.aor,
      idHash: visit.session.idHash,
      phones: fieldOf(request.query, 'on') === 'phones',
      trace: fieldOf(request.query, 'on') === 'trace',
      server: fieldOf(request.query, 'on') === 'server' && visit.account.admin === true,
      ...stream,
    });
    if (leave === undefined) return reply.code(503).header('retry-after', 30).send();
    request.raw.once('close', leave);
    stream.begin();
    return reply;
  });

  pages.get('/live/news', async ({ visit }, reply) => {
    if (visit.kind !== 'member') return reply.code(401).send({});
    return reply.header('cache-control', 'no-store').send({ asking: await howManyAsk(visit.account.aor, deps) });
  });
}

interface Stream {
  begin(): void;
  tell(news: News): void;
  beat(): void;
  end(): void;
}

function openStream(request: FastifyRequest, reply: FastifyReply): Stream {
  const { raw } = reply;
  const write = (text: string): void => {
    if (raw.writableLength > MAX_UNREAD) raw.destroy();
    else if (!raw.writableEnded && raw.headersSent) raw.write(text);
  };
  return {
    begin() {
      const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      );
      reply.hijack();
      raw.writeHead(200, {
        ...Object.fromEntries(headers),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Proxies that gather answers would keep the news to themselves.
        'x-accel-buffering': 'no',
      });
      request.raw.socket.setNoDelay(true);
      write(`retry: ${RETRY_MS}\n\n`);
    },
    tell: (news) => write(`event: news\ndata: ${JSON.stringify(news)}\n\n`),
    beat: () => write(': \n\n'),
    end: () => void raw.end(),
  };
}
