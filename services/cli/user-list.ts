import type { Account } from '#store';
import type { CliDeps, Outcome } from './outcome.ts';
import { withoutScheme } from './read-account.ts';

const PAGE = 500;

/** Every account, in order of address. @param search only those whose address holds this text. */
export async function listUsers(deps: CliDeps, search?: string): Promise<Outcome> {
  const accounts: Account[] = [];
  for await (const page of pagesOfAccounts(deps, search)) accounts.push(...page);
  return {
    kind: 'done',
    lines: accounts.map(({ aor, disabled }) => `${withoutScheme(aor)}${disabled ? '  (disabled)' : ''}`),
    value: accounts.map(({ aor, disabled, createdAt }) => ({
      account: withoutScheme(aor),
      disabled,
      createdAt: new Date(createdAt).toISOString(),
    })),
  };
}

/** All accounts, a page at a time. */
export async function* pagesOfAccounts({ store }: CliDeps, search?: string): AsyncGenerator<readonly Account[]> {
  let last: Account | undefined;
  do {
    const page = await store.accounts.list({
      limit: PAGE,
      ...(last !== undefined && { after: last.aor }),
      ...(search !== undefined && { search }),
    });
    if (page.length > 0) yield page;
    last = page.length < PAGE ? undefined : page.at(-1);
  } while (last !== undefined);
}
