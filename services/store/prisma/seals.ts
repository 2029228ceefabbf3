/** Credential: how it is sealed, for the change of keys. */
import type { Accounts, Algorithm, PlacedCredential } from '../store.ts';
import type { Attempt } from './database.ts';
import { toBytes, toNumber, toText } from './decode.ts';
import type { Executor, Row } from './executor.ts';
import { forUpdate, inBatches, marks, padded } from './statements.ts';

const SELECT = 'SELECT `id`, `username`, `realm`, `algorithm`, `sealedHa1`, `keyId` FROM `Credential`';

export function makeSeals(executor: Executor, attempt: Attempt): Pick<Accounts, 'sealedOtherwise' | 'reseal'> {
  return {
    async sealedOtherwise({ keyId, after = 0, limit }) {
      const sql = `${SELECT} WHERE \`id\` > ? AND \`keyId\` <> ? ORDER BY \`id\` LIMIT ${Math.trunc(limit)}`;
      return (await attempt(() => executor.query(sql, [after, keyId]))).map(readPlaced);
    },
    async reseal(seals) {
      let written = 0;
      for (const batch of inBatches(seals)) written += await attempt(() => resealBatch(executor, batch));
      return { written };
    },
  };
}

/** Locks and reads the rows, so that a password that was set meanwhile is not overwritten with what it replaced. */
function resealBatch(executor: Executor, batch: Parameters<Accounts['reseal']>[0]): Promise<number> {
  return executor.transaction(async (statements) => {
    const places = padded(batch.map(({ sealed }) => sealed.place));
    const sql = `SELECT \`id\`, \`sealedHa1\` FROM \`Credential\` WHERE \`id\` IN (${marks(places.length)})`;
    const rows = await statements.query(`${sql}${forUpdate(executor.dialect)}`, places);
    const stands = new Map(rows.map(([id, sealedHa1]) => [toNumber(id), toBytes(sealedHa1)]));
    const due = batch.filter(({ expected, sealed }) => {
      const now = stands.get(sealed.place);
      return now !== undefined && Buffer.compare(now, expected) === 0;
    });
    if (due.length === 0) return 0;
    const filled = padded(due);
    const cases = `CASE \`id\` ${'WHEN ? THEN ? '.repeat(filled.length)}END`;
    const update = `UPDATE \`Credential\` SET \`sealedHa1\` = ${cases}, \`keyId\` = ${cases}`;
    await statements.execute(`${update} WHERE \`id\` IN (${marks(filled.length)})`, [
      ...filled.flatMap(({ sealed }) => [sealed.place, Buffer.from(sealed.credential.sealedHa1)]),
      ...filled.flatMap(({ sealed }) => [sealed.place, sealed.credential.keyId]),
      ...filled.map(({ sealed }) => sealed.place),
    ]);
    return due.length;
  });
}

function readPlaced([id, username, realm, algorithm, sealedHa1, keyId]: Row): PlacedCredential {
  return {
    place: toNumber(id),
    credential: {
      username: toText(username),
      realm: toText(realm),
      algorithm: toText(algorithm) as Algorithm,
      sealedHa1: toBytes(sealedHa1),
      keyId: toText(keyId),
    },
  };
}
