import { join } from 'node:path';
import staticFiles from '@fastify/static';
import fastifyView from '@fastify/view';
import { Eta } from 'eta';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PortalDeps } from '../deps.ts';
import { PLACES } from '../navigation.ts';
import { timeTag } from '../times.ts';
import { howManyAsk } from '../watching.ts';
import { addressWords } from '../words/protocol.ts';
import { ownerOfForm } from './csrf.ts';
import { type Said, whatWasSaid } from './flash.ts';
import { isLooking } from './session.ts';

/** Where templates and the public folder lie: beside the code; the build copies them. */
const ROOT = join(import.meta.dirname, '..');

/** Everything printed with <%= %> is escaped; <%~ %> is for our own partials, timeTag and drawings alone. `it.w` are the words. */
export function addViews(app: FastifyInstance): void {
  app.register(fastifyView, {
    engine: { eta: new Eta({ views: ROOT, cache: true }) },
    root: ROOT,
    viewExt: 'eta',
    production: true,
  });
  app.register(staticFiles, { root: join(ROOT, 'public'), prefix: '/public/', cacheControl: true, maxAge: 0 });
}

export interface Page {
  /** Folder below pages/. */
  readonly page: string;
  readonly title: string;
  readonly status?: number;
  /** What the page itself shows; `it.model` in its view. */
  readonly model?: object;
}

/** What the layout shows around every page; `it.frame`. */
interface Frame {
  readonly title: string;
  readonly path: string;
  readonly member: { readonly name: string; readonly address: string } | undefined;
  readonly places: readonly { readonly path: string; readonly name: string; readonly asking: number }[];
  readonly asking: number;
  readonly said: Said | undefined;
  readonly csrf: string;
  readonly domain: string;
}

/** Renders a page in its frame. Personal, so no cache may keep it. */
export async function show(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps,
  { page, title, status = 200, model = {} }: Page,
): Promise<FastifyReply> {
  const frame = await frameOf(request, reply, deps, title);
  const now = deps.clock.now();
  reply.code(status).header('cache-control', 'no-store');
  const w = request.words;
  reply.header('content-language', w.language);
  return reply.view(`pages/${page}/view`, { frame, model, w, when: (at: number) => timeTag(at, now, w) });
}

async function frameOf(request: FastifyRequest, reply: FastifyReply, deps: PortalDeps, title: string): Promise<Frame> {
  const { visit } = request;
  const account = visit.kind === 'member' ? visit.account : undefined;
  const asking = account === undefined ? 0 : await howManyAsk(account.aor, deps);
  return {
    title,
    path: request.url.split('?', 1)[0] ?? '/',
    member: account && { name: account.username, address: addressWords(account.aor) },
    places: PLACES.filter(({ admin }) => admin !== true || account?.admin === true).map(({ path, name, badge }) => ({
      path,
      name: name(request.words),
      asking: badge ? asking : 0,
    })),
    asking,
    said: isLooking(request) ? undefined : whatWasSaid(request, reply),
    csrf: reply.generateCsrf({ userInfo: ownerOfForm(request) }),
    domain: deps.domains.domain,
  };
}
