/** Invitation: links by which people may make an account. */
import type { Invitation, Invitations } from '../store.ts';
import type { Attempt } from './database.ts';
import { toNumber, toText } from './decode.ts';
import type { Executor, Row, Statements } from './executor.ts';
import { forUpdate, insertSql, quoted } from './statements.ts';

const COLUMNS = ['idHash', 'note', 'madeBy', 'createdAt', 'expiresAt', 'usesLeft'] as const;
const SELECT = `SELECT ${quoted(COLUMNS)} FROM \`Invitation\``;
const OPENS = 'WHERE `idHash` = ? AND `expiresAt` > ? AND `usesLeft` > 0';
const MOST_LISTED = 200;

export function makeInvitations(executor: Executor, attempt: Attempt): Invitations {
  const alone = <T>(work: (statements: Statements) => Promise<T>): Promise<T> =>
    attempt(() => executor.transaction(work));

  return {
    create: ({ idHash, note, madeBy, createdAt, expiresAt, usesLeft }) =>
      alone(async (statements) => {
        const values = [idHash, note, madeBy, createdAt, expiresAt, usesLeft];
        await statements.execute(insertSql('Invitation', COLUMNS, 1), values);
      }),
    async find(idHash, now) {
      const [row] = await attempt(() => executor.query(`${SELECT} ${OPENS}`, [idHash, now]));
      return row && readInvitation(row);
    },
    use: (idHash, now) =>
      alone(async (statements) => {
        const [row] = await statements.query(`${SELECT} ${OPENS}${forUpdate(executor.dialect)}`, [idHash, now]);
        if (row === undefined) return undefined;
        await statements.execute('UPDATE `Invitation` SET `usesLeft` = `usesLeft` - 1 WHERE `idHash` = ?', [idHash]);
        const invitation = readInvitation(row);
        return { ...invitation, usesLeft: invitation.usesLeft - 1 };
      }),
    giveBack: (idHash) =>
      alone(async (statements) => {
        await statements.execute('UPDATE `Invitation` SET `usesLeft` = `usesLeft` + 1 WHERE `idHash` = ?', [idHash]);
      }),
    async list() {
      const sql = `${SELECT} ORDER BY \`createdAt\` DESC, \`idHash\` LIMIT ${MOST_LISTED}`;
      return (await attempt(() => executor.query(sql, []))).map(readInvitation);
    },
    remove: (idHash) =>
      alone(
        async (statements) => (await statements.execute('DELETE FROM `Invitation` WHERE `idHash` = ?', [idHash])) > 0,
      ),
    purge: (before) =>
      alone((statements) => statements.execute('DELETE FROM `Invitation` WHERE `expiresAt` < ?', [before])),
  };
}

function readInvitation([idHash, note, madeBy, createdAt, expiresAt, usesLeft]: Row): Invitation {
  return {
    idHash: toText(idHash),
    note: toText(note),
    madeBy: toText(madeBy),
    createdAt: toNumber(createdAt),
    expiresAt: toNumber(expiresAt),
    usesLeft: toNumber(usesLeft),
  };
}
