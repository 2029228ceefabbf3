import type { FastifyInstance } from 'fastify';
import { COMMAND_LINE } from '#store';
import { administratorsOnly } from '../../plugins/acting.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { show } from '../../plugins/view.ts';
import { actWords, whoWords } from '../../words/protocol.ts';
import type { AdminKit } from './kit.ts';

const PAGE = 50;

/** GET /admin/audit?before=PLACE : what was done, by whom, to whom; the newest first. */
export function audit(pages: FastifyInstance, { deps }: AdminKit): void {
  pages.get('/admin/audit', { onRequest: administratorsOnly }, async (request, reply) => {
    const { words } = request;
    const text = fieldOf(request.query, 'before');
    const before = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
    const found = await deps.store.audit.list({ limit: PAGE + 1, ...(before !== undefined && { before }) });
    const rows = found.slice(0, PAGE);
    const model = {
      entries: rows.map(({ at, actor, act, subject, detail, address }) => ({
        at,
        act: actWords(act, words),
        actor: actor === COMMAND_LINE.name ? words.admin.audit.commandLine : whoWords(actor),
        subject: subject === actor ? '' : whoWords(subject),
        detail,
        address,
      })),
      isFirst: before === undefined,
      next: found.length > PAGE ? rows.at(-1)?.place : undefined,
    };
    return show(request, reply, deps, { page: 'admin/audit', title: words.admin.audit.title, model });
  });
}
