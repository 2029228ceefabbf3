/** Credential: the passwords of single devices, and when passwords were used. */
import type { Clock } from '#runtime';
import { DatabaseFault } from '../database-fault.ts';
import { checkCredentials, couldBeAor, cutAddress } from '../limits.ts';
import { type DevicePassword, type DevicePasswords, MAX_DEVICE_PASSWORDS, type PasswordUse } from '../store.ts';
import { insertCredentials, readIds } from './account-import.ts';
import { lockAccount } from './account-row.ts';
import { noteChanges } from './changes.ts';
import type { Attempt } from './database.ts';
import { toNumber, toText } from './decode.ts';
import type { Executor, Row, Statements } from './executor.ts';
import { inBatches } from './statements.ts';

/** A password has a credential for each algorithm; a use is noted for all of them. */
const SELECT =
  'SELECT c.`label`, MIN(c.`createdAt`), MAX(c.`lastUsedAt`), MAX(c.`lastAddress`) FROM `Credential` c' +
  ' JOIN `Login` l ON l.`id` = c.`loginId` WHERE l.`aor` = ?';

export function makeDevicePasswords(executor: Executor, attempt: Attempt, clock: Clock): DevicePasswords {
  return {
    async of(aor) {
      if (!couldBeAor(aor)) return [];
      const sql = `${SELECT} AND c.\`label\` <> '' GROUP BY c.\`label\` ORDER BY 2, 1`;
      return (await attempt(() => executor.query(sql, [aor]))).map(readDevice);
    },

    async ownUse(aor) {
      if (!couldBeAor(aor)) return { lastUsedAt: undefined, lastAddress: '' };
      const sql = `${SELECT} AND c.\`label\` = '' GROUP BY c.\`label\``;
      const [row] = await attempt(() => executor.query(sql, [aor]));
      const { lastUsedAt, lastAddress } = readDevice(row ?? []);
      return { lastUsedAt, lastAddress };
    },

    async add(aor, credentials) {
      checkCredentials(credentials);
      if (!couldBeAor(aor)) return 'no-account';
      try {
        return await attempt(() =>
          executor.transaction(async (statements) => {
            const id = await lockAccount(executor, statements, aor);
            if (id === undefined) return 'no-account';
            const labels = "SELECT DISTINCT `label` FROM `Credential` WHERE `loginId` = ? AND `label` <> ''";
            const devices = (await statements.query(labels, [id])).map(([label]) => toText(label));
            if (devices.includes(credentials[0]?.device?.label ?? '')) return 'taken';
            if (devices.length >= MAX_DEVICE_PASSWORDS) return 'too-many';
            const rows = credentials.map((credential) => ({ ...credential, loginId: id }));
            await insertCredentials(statements, rows);
            await noteChanges(statements, [{ kind: 'account', subject: aor }], clock.now());
            return 'added';
          }),
        );
      } catch (fault) {
        // Labels that MySQL takes for equal though they differ in trailing white space are refused before; this is a race.
        if (fault instanceof DatabaseFault && fault.kind === 'taken') return 'taken';
        throw fault;
      }
    },

    async revoke(aor, label) {
      if (!couldBeAor(aor) || label === '') return false;
      return attempt(() =>
        executor.transaction(async (statements) => {
          const id = await lockAccount(executor, statements, aor);
          if (id === undefined) return false;
          const sql = 'DELETE FROM `Credential` WHERE `loginId` = ? AND `label` = ?';
          if ((await statements.execute(sql, [id, label])) === 0) return false;
          await noteChanges(statements, [{ kind: 'account', subject: aor }], clock.now());
          return true;
        }),
      );
    },

    async noteUses(uses) {
      for (const batch of inBatches(uses)) await attempt(() => executor.transaction((s) => noteBatch(s, batch)));
    },
  };
}

async function noteBatch(statements: Statements, uses: readonly PasswordUse[]): Promise<void> {
  const ids = await readIds(statements, [...new Set(uses.map(({ aor }) => aor))]);
  const sql = 'UPDATE `Credential` SET `lastUsedAt` = ?, `lastAddress` = ? WHERE `loginId` = ? AND `label` = ?';
  for (const { aor, label, at, address } of uses) {
    const id = ids.get(aor);
    if (id !== undefined) await statements.execute(sql, [at, cutAddress(address), id, label]);
  }
}

function readDevice([label, createdAt, lastUsedAt, lastAddress]: Row): DevicePassword {
  return {
    label: toText(label ?? ''),
    createdAt: toNumber(createdAt ?? 0),
    lastUsedAt: lastUsedAt === null || lastUsedAt === undefined ? undefined : toNumber(lastUsedAt),
    lastAddress: toText(lastAddress ?? ''),
  };
}
