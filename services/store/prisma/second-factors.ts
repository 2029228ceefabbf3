/** SecondFactor and RecoveryCode: one-time passwords at the portal. */
import type { Aor } from '#model';
import { couldBeAor } from '../limits.ts';
import type { SecondFactors } from '../store.ts';
import { lockAccount } from './account-row.ts';
import type { Attempt } from './database.ts';
import { toBytes, toNumber, toText } from './decode.ts';
import type { Executor } from './executor.ts';
import { insertSql, upsertSql } from './statements.ts';

const COLUMNS = ['loginId', 'sealed', 'keyId', 'since', 'lastStep'] as const;
const OF_ACCOUNT = '`loginId` = (SELECT `id` FROM `Login` WHERE `aor` = ?)';

export function makeSecondFactors(executor: Executor, attempt: Attempt): SecondFactors {
  /** @returns whether a row was there to be changed. */
  const change = (sql: string, values: readonly (string | number | Buffer)[]): Promise<boolean> =>
    attempt(() => executor.transaction(async (statements) => (await statements.execute(sql, values)) > 0));

  return {
    async of(aor) {
      if (!couldBeAor(aor)) return undefined;
      const sql =
        'SELECT f.`sealed`, f.`keyId`, f.`since`, f.`lastStep`,' +
        ' (SELECT COUNT(*) FROM `RecoveryCode` r WHERE r.`loginId` = f.`loginId`)' +
        ' FROM `SecondFactor` f JOIN `Login` l ON l.`id` = f.`loginId` WHERE l.`aor` = ?';
      const [row] = await attempt(() => executor.query(sql, [aor]));
      if (row === undefined) return undefined;
      const [sealed, keyId, since, lastStep, left] = row;
      return {
        sealed: toBytes(sealed),
        keyId: toText(keyId),
        since: toNumber(since),
        lastStep: toNumber(lastStep),
        recoveryLeft: toNumber(left),
      };
    },

    async set(aor, { sealed, keyId, since, lastStep }, recoveryHashes) {
      if (!couldBeAor(aor)) return false;
      return attempt(() =>
        executor.transaction(async (statements) => {
          const id = await lockAccount(executor, statements, aor);
          if (id === undefined) return false;
          const sql = upsertSql(executor.dialect, 'SecondFactor', COLUMNS, 1, ['loginId']);
          await statements.execute(sql, [id, Buffer.from(sealed), keyId, since, lastStep]);
          await statements.execute('DELETE FROM `RecoveryCode` WHERE `loginId` = ?', [id]);
          for (const hash of recoveryHashes) {
            await statements.execute(insertSql('RecoveryCode', ['loginId', 'hash'], 1), [id, hash]);
          }
          return true;
        }),
      );
    },

    async useStep(aor, step) {
      if (!couldBeAor(aor)) return false;
      return change(`UPDATE \`SecondFactor\` SET \`lastStep\` = ? WHERE \`lastStep\` < ? AND ${OF_ACCOUNT}`, [
        step,
        step,
        aor,
      ]);
    },

    async useRecovery(aor, hash) {
      if (!couldBeAor(aor)) return false;
      return change(`DELETE FROM \`RecoveryCode\` WHERE \`hash\` = ? AND ${OF_ACCOUNT}`, [hash, aor]);
    },

    async remove(aor) {
      if (!couldBeAor(aor)) return false;
      return attempt(() =>
        executor.transaction(async (statements) => {
          await statements.execute(`DELETE FROM \`RecoveryCode\` WHERE ${OF_ACCOUNT}`, [aor]);
          return (await statements.execute(`DELETE FROM \`SecondFactor\` WHERE ${OF_ACCOUNT}`, [aor])) > 0;
        }),
      );
    },

    async sealedOtherwise({ keyId, after = '', limit }) {
      const sql =
        'SELECT l.`aor`, f.`sealed`, f.`keyId` FROM `SecondFactor` f JOIN `Login` l ON l.`id` = f.`loginId`' +
        ` WHERE l.\`aor\` > ? AND f.\`keyId\` <> ? ORDER BY l.\`aor\` LIMIT ${Math.trunc(limit)}`;
      return (await attempt(() => executor.query(sql, [after, keyId]))).map(([aor, sealed, key]) => ({
        aor: toText(aor) as Aor,
        sealed: toBytes(sealed),
        keyId: toText(key),
      }));
    },

    async reseal(aor, expected, sealed, keyId) {
      if (!couldBeAor(aor)) return false;
      return change(
        `UPDATE \`SecondFactor\` SET \`sealed\` = ?, \`keyId\` = ? WHERE \`sealed\` = ? AND ${OF_ACCOUNT}`,
        [Buffer.from(sealed), keyId, Buffer.from(expected), aor],
      );
    },
  };
}
