/** Groups and preferences as a back-up carries them. */
import type { Aor, Group } from '#model';
import type { ArchiveRow } from '../../store.ts';
import { toNumber, toText } from '../decode.ts';
import type { Row, Statements } from '../executor.ts';
import { inPieces, insertSql } from '../statements.ts';
import { insertMembers, membersOf } from './groups.ts';

type Take = (rows: readonly ArchiveRow[]) => Promise<void>;

const PAGE = 500;

export async function readPersonal({ query }: Pick<Statements, 'query'>, take: Take): Promise<void> {
  for (let after = ''; ; ) {
    const sql = `SELECT g.\`id\`, l.\`aor\`, g.\`name\` FROM \`ContactGroup\` g JOIN \`Login\` l ON l.\`id\` = g.\`ownerId\` WHERE g.\`id\` > ? ORDER BY g.\`id\` LIMIT ${PAGE}`;
    const page = await query(sql, [after]);
    const members = await membersOf(
      query,
      page.map(([id]) => toText(id)),
    );
    if (page.length > 0) await take(page.map((row) => ({ table: 'group', group: readGroup(row, members) })));
    if (page.length < PAGE) break;
    after = toText(page.at(-1)?.[0]);
  }
  for (let after: readonly [number, string] = [0, '']; ; ) {
    const sql =
      'SELECT p.`loginId`, p.`name`, l.`aor`, p.`value` FROM `Preference` p JOIN `Login` l ON l.`id` = p.`loginId`' +
      ` WHERE p.\`loginId\` > ? OR (p.\`loginId\` = ? AND p.\`name\` > ?) ORDER BY p.\`loginId\`, p.\`name\` LIMIT ${PAGE}`;
    const page = await query(sql, [after[0], after[0], after[1]]);
    const rows = page.map(
      ([, name, owner, value]): ArchiveRow => ({
        table: 'preference',
        owner: toText(owner) as Aor,
        name: toText(name),
        value: toText(value),
      }),
    );
    if (rows.length > 0) await take(rows);
    if (page.length < PAGE) return;
    after = [toNumber(page.at(-1)?.[0]), toText(page.at(-1)?.[1])];
  }
}

function readGroup([id, owner, name]: Row, members: ReadonlyMap<string, readonly Aor[]>): Group {
  return {
    id: toText(id),
    owner: toText(owner) as Aor,
    name: toText(name),
    members: members.get(toText(id)) ?? [],
  };
}

/** @param idOf an account's number. */
export async function insertPersonal(
  statements: Statements,
  page: readonly ArchiveRow[],
  idOf: (owner: Aor) => number,
): Promise<void> {
  const groups = page.flatMap((row) => (row.table === 'group' ? [row.group] : []));
  for (const piece of inPieces(groups)) {
    const values = piece.flatMap(({ id, owner, name }) => [id, idOf(owner), name]);
    await statements.execute(insertSql('ContactGroup', ['id', 'ownerId', 'name'], piece.length), values);
  }
  await insertMembers(
    statements,
    groups.flatMap(({ id, members }) => members.map((member) => [id, member] as const)),
  );
  const preferences = page.flatMap((row) => (row.table === 'preference' ? [row] : []));
  for (const piece of inPieces(preferences)) {
    const values = piece.flatMap(({ owner, name, value }) => [idOf(owner), name, value]);
    await statements.execute(insertSql('Preference', ['loginId', 'name', 'value'], piece.length), values);
  }
}
