/** Audit: what administrators did. */
import { cutAudit } from '../limits.ts';
import type { Audit } from '../store.ts';
import type { Attempt } from './database.ts';
import { toNumber, toText } from './decode.ts';
import type { Executor } from './executor.ts';
import { insertSql } from './statements.ts';

export function makeAudit(executor: Executor, attempt: Attempt): Audit {
  return {
    async note(entry) {
      const { at, actor, act, subject, detail, address } = cutAudit(entry);
      const sql = insertSql('Audit', ['at', 'actor', 'act', 'subject', 'detail', 'address'], 1);
      const values = [at, actor, act, subject, detail, address];
      await attempt(() => executor.transaction((statements) => statements.execute(sql, values)));
    },
    async has(act, subject) {
      const sql = 'SELECT 1 FROM `Audit` WHERE `subject` = ? AND `act` = ? LIMIT 1';
      return (await attempt(() => executor.query(sql, [subject, act]))).length > 0;
    },
    async list({ before = Number.MAX_SAFE_INTEGER, limit }) {
      const sql =
        'SELECT `id`, `at`, `actor`, `act`, `subject`, `detail`, `address` FROM `Audit` WHERE `id` < ?' +
        ` ORDER BY \`id\` DESC LIMIT ${Math.trunc(limit)}`;
      const rows = await attempt(() => executor.query(sql, [before]));
      return rows.map(([place, at, actor, act, subject, detail, address]) => ({
        place: toNumber(place),
        at: toNumber(at),
        actor: toText(actor),
        act: toText(act),
        subject: toText(subject),
        detail: toText(detail),
        address: toText(address),
      }));
    },
    purge: (before) =>
      attempt(() =>
        executor.transaction((statements) => statements.execute('DELETE FROM `Audit` WHERE `at` < ?', [before])),
      ),
  };
}
