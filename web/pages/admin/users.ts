import type { FastifyInstance } from 'fastify';
import { readAor } from '#model';
import { administratorsOnly } from '../../plugins/acting.ts';
import { fieldOf } from '../../plugins/forms.ts';
import { show } from '../../plugins/view.ts';
import { addressWords } from '../../words/protocol.ts';
import type { AdminKit } from './kit.ts';

const PAGE = 25;
const MAX_SEARCH = 100;

/** GET /admin/users?search=TEXT&after=ADDRESS : the accounts, a page at a time, in order of address. */
export function users(pages: FastifyInstance, { deps }: AdminKit): void {
  pages.get('/admin/users', { onRequest: administratorsOnly }, async (request, reply) => {
    const { words } = request;
    const search = fieldOf(request.query, 'search').trim().slice(0, MAX_SEARCH);
    const after = readAor(fieldOf(request.query, 'after'));
    const found = await deps.store.accounts.list({
      limit: PAGE + 1,
      ...(after !== undefined && { after }),
      ...(search !== '' && { search }),
    });
    const rows = found.slice(0, PAGE);
    const last = found.length > PAGE ? rows.at(-1) : undefined;
    const model = {
      search,
      accounts: rows.map(({ aor, createdAt, disabled, admin }) => ({
        address: addressWords(aor),
        link: `/admin/account?${new URLSearchParams({ of: aor })}`,
        createdAt,
        disabled,
        admin: admin === true,
      })),
      isFirst: after === undefined,
      next: last && `/admin/users?${new URLSearchParams({ ...(search !== '' && { search }), after: last.aor })}`,
    };
    return show(request, reply, deps, { page: 'admin/users', title: words.admin.users.title, model });
  });
}
