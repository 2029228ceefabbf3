import type { CliDeps, Outcome } from './outcome.ts';
import { refused } from './outcome.ts';

const MOST = 1000;

/** What administrators did, and what changed how somebody gets in; the newest first. */
export async function listAudit({ store }: CliDeps, wanted: string): Promise<Outcome> {
  const limit = Number(wanted);
  if (!/^\d{1,4}$/.test(wanted) || limit < 1 || limit > MOST)
    return refused(`'${wanted}' is not a number, 1 to ${MOST}`);
  const rows = await store.audit.list({ limit });
  const entries = rows.map(({ at, actor, act, subject, detail, address }) => ({
    at: new Date(at).toISOString(),
    actor,
    act,
    subject,
    detail,
    address,
  }));
  return {
    kind: 'done',
    lines: entries.map(({ at, actor, act, subject, detail }) =>
      [at, actor, act, subject, detail].filter((part) => part !== '').join('  '),
    ),
    value: entries,
  };
}
