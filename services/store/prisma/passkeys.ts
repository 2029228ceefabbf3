/** Passkey: public keys that browsers sign with. */
import type { Aor } from '#model';
import { couldBeAor } from '../limits.ts';
import { MAX_PASSKEYS, type Passkey, type Passkeys } from '../store.ts';
import { lockAccount } from './account-row.ts';
import type { Attempt } from './database.ts';
import { toBytes, toNumber, toText } from './decode.ts';
import type { Executor, Row } from './executor.ts';
import { forget } from './personal/owners.ts';
import { insertSql } from './statements.ts';

const SELECT =
  'SELECT p.`id`, l.`aor`, p.`publicKey`, p.`counter`, p.`transports`, p.`label`, p.`createdAt`, p.`lastUsedAt`' +
  ' FROM `Passkey` p JOIN `Login` l ON l.`id` = p.`loginId`';
const COLUMNS = ['id', 'loginId', 'publicKey', 'counter', 'transports', 'label', 'createdAt'] as const;

export function makePasskeys(executor: Executor, attempt: Attempt): Passkeys {
  return {
    async of(aor) {
      if (!couldBeAor(aor)) return [];
      const sql = `${SELECT} WHERE l.\`aor\` = ? ORDER BY p.\`createdAt\`, p.\`id\``;
      return (await attempt(() => executor.query(sql, [aor]))).map(readPasskey);
    },
    async find(id) {
      const [row] = await attempt(() => executor.query(`${SELECT} WHERE p.\`id\` = ?`, [id]));
      return row && readPasskey(row);
    },
    async add({ id, aor, publicKey, counter, transports, label, createdAt }) {
      if (!couldBeAor(aor)) return 'no-account';
      return attempt(() =>
        executor.transaction(async (statements) => {
          const loginId = await lockAccount(executor, statements, aor);
          if (loginId === undefined) return 'no-account';
          const [known] = await statements.query('SELECT 1 FROM `Passkey` WHERE `id` = ?', [id]);
          if (known !== undefined) return 'taken';
          const [count] = await statements.query('SELECT COUNT(*) FROM `Passkey` WHERE `loginId` = ?', [loginId]);
          if (toNumber(count?.[0]) >= MAX_PASSKEYS) return 'too-many';
          const values = [id, loginId, Buffer.from(publicKey), counter, transports, label, createdAt];
          await statements.execute(insertSql('Passkey', COLUMNS, 1), values);
          return 'added';
        }),
      );
    },
    async noteUse(id, counter, at) {
      const sql = 'UPDATE `Passkey` SET `counter` = ?, `lastUsedAt` = ? WHERE `id` = ?';
      await attempt(() => executor.transaction((statements) => statements.execute(sql, [counter, at, id])));
    },
    async removeAll(aor) {
      if (!couldBeAor(aor)) return 0;
      return attempt(() => forget(executor, 'Passkey', aor));
    },
    async remove(aor, id) {
      if (!couldBeAor(aor)) return false;
      const sql = 'DELETE FROM `Passkey` WHERE `id` = ? AND `loginId` = (SELECT `id` FROM `Login` WHERE `aor` = ?)';
      return (await attempt(() => executor.transaction((statements) => statements.execute(sql, [id, aor])))) > 0;
    },
  };
}

function readPasskey([id, aor, publicKey, counter, transports, label, createdAt, lastUsedAt]: Row): Passkey {
  return {
    id: toText(id),
    aor: toText(aor) as Aor,
    publicKey: toBytes(publicKey),
    counter: toNumber(counter),
    transports: toText(transports),
    label: toText(label),
    createdAt: toNumber(createdAt),
    lastUsedAt: lastUsedAt === null ? undefined : toNumber(lastUsedAt),
  };
}
