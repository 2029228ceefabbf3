/** Login: what an administrator does to accounts that are there. Each writes its Change in the same transaction. */
import type { Aor } from '#model';
import type { Clock } from '#runtime';
import { couldBeAor } from '../limits.ts';
import type { Accounts } from '../store.ts';
import { lockAccount } from './account-row.ts';
import { noteChanges } from './changes.ts';
import type { Attempt } from './database.ts';
import type { Executor, Statements } from './executor.ts';
import { forUpdate } from './statements.ts';

export function makeAccountChanges(
  executor: Executor,
  attempt: Attempt,
  clock: Clock,
): Pick<Accounts, 'setAdmin' | 'setDisabled' | 'remove'> {
  /** Runs work on the account's row, which is locked. @returns false when there is none, or `by` may not. */
  async function onAccount(
    aor: Aor,
    work: (statements: Statements, id: number) => Promise<void>,
    by?: Aor,
  ): Promise<boolean> {
    if (!couldBeAor(aor)) return false;
    return attempt(() =>
      executor.transaction(async (statements) => {
        if (by !== undefined && !(await mayAct(statements, by, aor))) return false;
        const id = await lockAccount(executor, statements, aor);
        if (id === undefined) return false;
        await work(statements, id);
        return true;
      }),
    );
  }

  async function mayAct(statements: Statements, by: Aor, aor: Aor): Promise<boolean> {
    if (by === aor || !couldBeAor(by)) return false;
    // Locked in one order, whoever asks: two who act on each other wait for one another, not for ever.
    for (const one of [by, aor].sort()) await lockAccount(executor, statements, one);
    const sql = `SELECT \`id\` FROM \`Login\` WHERE \`aor\` = ? AND \`admin\` = 1 AND \`disabled\` = 0${forUpdate(executor.dialect)}`;
    return (await statements.query(sql, [by])).length === 1;
  }

  return {
    setAdmin: (aor, admin, by) =>
      onAccount(
        aor,
        async (statements, id) => {
          await statements.execute('UPDATE `Login` SET `admin` = ? WHERE `id` = ?', [admin ? 1 : 0, id]);
        },
        by,
      ),

    setDisabled: (aor, disabled, by) =>
      onAccount(
        aor,
        async (statements, id) => {
          await statements.execute('UPDATE `Login` SET `disabled` = ? WHERE `id` = ?', [disabled ? 1 : 0, id]);
          if (disabled) await statements.execute('DELETE FROM `Session` WHERE `loginId` = ?', [id]);
          await noteChanges(statements, [{ kind: 'account', subject: aor }], clock.now());
        },
        by,
      ),

    remove: (aor) =>
      onAccount(aor, async (statements, id) => {
        // Rules, credentials, sessions and all that refers to the row go with it (ON DELETE CASCADE).
        await statements.execute('DELETE FROM `Login` WHERE `id` = ?', [id]);
        await statements.execute('DELETE FROM `Pdata` WHERE `presentity` = ?', [aor]);
        for (const table of ['Subscription', 'Waiting'])
          await statements.execute(`DELETE FROM \`${table}\` WHERE \`presentity\` = ? OR \`watcher\` = ?`, [aor, aor]);
        await noteChanges(statements, [{ kind: 'account', subject: aor, gone: true }], clock.now());
      }),
  };
}
