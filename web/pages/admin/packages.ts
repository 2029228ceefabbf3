import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type LoaderRow, type NodeReport, reloadPackage, turnPackage } from '#store';
import { administratorsOnly, asAdministrator } from '../../plugins/acting.ts';
import { say } from '../../plugins/flash.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { show } from '../../plugins/view.ts';
import type { Words } from '../../words/index.ts';
import { eventWords } from '../../words/protocol.ts';
import { hostWords, isHeard } from './heard.ts';
import type { AdminKit } from './kit.ts';

/**
 * GET /admin/packages; POST /admin/packages/enable, /disable, /reload : what Eventloader holds and how each SIP service
 * stands with it. A module is named on the command line alone: what is named is run.
 */
export function packages(pages: FastifyInstance, { deps }: AdminKit): void {
  const { store, clock } = deps;
  const guarded = { onRequest: administratorsOnly };

  pages.get('/admin/packages', guarded, async (request, reply) => {
    const { words } = request;
    const now = clock.now();
    const [rows, nodes] = await Promise.all([store.eventLoader.list(), store.nodes.list()]);
    const serving = nodes.filter((node) => node.state === 'serving' && isHeard(node, now));
    const model = {
      packages: rows.map((row) => ({
        ...row,
        name: eventWords(row.event, words),
        standings: standingsOf(row, serving, words),
      })),
    };
    return show(request, reply, deps, { page: 'admin/packages', title: words.admin.packages.title, model });
  });

  pages.post('/admin/packages/enable', guarded, (request, reply) => turn(request, reply, true));
  pages.post('/admin/packages/disable', guarded, (request, reply) => turn(request, reply, false));
  pages.post('/admin/packages/reload', guarded, async (request, reply) => {
    const row = await rowNamed(request);
    if (row?.enabled === true) await reloadPackage(deps, asAdministrator(request), row);
    const { packages: words } = request.words.admin;
    return back(reply, row?.enabled === true ? words.reloaded(row.event) : words.gone);
  });

  async function turn(request: FastifyRequest, reply: FastifyReply, enabled: boolean): Promise<FastifyReply> {
    const row = await rowNamed(request);
    const { packages: words } = request.words.admin;
    if (row === undefined) return back(reply, words.gone);
    if (row.enabled !== enabled) await turnPackage(deps, asAdministrator(request), row, enabled);
    return back(reply, enabled ? words.enabled(row.event) : words.disabled(row.event));
  }

  const rowNamed = async (request: FastifyRequest): Promise<LoaderRow | undefined> =>
    (await store.eventLoader.list()).find(({ event }) => event === fieldOf(request.body, 'event'));

  function back(reply: FastifyReply, sentence: string): FastifyReply {
    say(reply, sentence);
    return reply.redirect('/admin/packages', 303);
  }
}

interface StandingWords {
  readonly state: string;
  readonly kind: 'allow' | 'stopped' | 'waits' | 'idle';
  readonly why: string;
  readonly since: number | undefined;
  readonly host: string;
}

function standingsOf(row: LoaderRow, serving: readonly NodeReport[], { admin }: Words): readonly StandingWords[] {
  const w = admin.packages;
  const alone = (state: string, kind: StandingWords['kind'], host = ''): StandingWords => ({
    state,
    kind,
    why: '',
    since: undefined,
    host,
  });
  if (!row.enabled) return [alone(w.off, 'idle')];
  if (serving.length === 0) return [alone(w.nobody, 'waits')];
  return serving.map((node) => {
    const host = hostWords(node);
    const found = node.packages.find(({ event, module }) => event === row.event && module === row.module);
    if (found === undefined) return alone(w.waits, 'waits', host);
    const { state, why, since } = found;
    return { state: w[state], kind: state === 'loaded' ? 'allow' : 'stopped', why, since, host };
  });
}
