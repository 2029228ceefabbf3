/** ContactGroup and GroupMember: lists of people that an owner's rules can be about. */
import { type Aor, type Group, groupSubject, MAX_GROUPS } from '#model';
import type { Clock } from '#runtime';
import { checkGroup, couldBeAor, isId } from '../../limits.ts';
import type { GroupOutcome, Groups } from '../../personal.ts';
import { noteChanges } from '../changes.ts';
import type { Attempt } from '../database.ts';
import { toNumber, toText } from '../decode.ts';
import type { Executor, Row, Statements } from '../executor.ts';
import { forUpdate, inBatches, inPieces, insertSql, marks, padded } from '../statements.ts';

const SELECT =
  'SELECT g.`id`, l.`aor`, g.`name`, m.`member` FROM `ContactGroup` g JOIN `Login` l ON l.`id` = g.`ownerId`' +
  ' LEFT JOIN `GroupMember` m ON m.`groupId` = g.`id`';

export function makeGroups(executor: Executor, attempt: Attempt, clock: Clock): Groups {
  return {
    async of(owner) {
      if (!couldBeAor(owner)) return [];
      const sql = `${SELECT} WHERE l.\`aor\` = ? ORDER BY g.\`name\`, g.\`id\`, m.\`member\``;
      return readGroups(await attempt(() => executor.query(sql, [owner])));
    },
    async set(group) {
      checkGroup(group);
      if (!couldBeAor(group.owner)) return 'no-account';
      return attempt(() =>
        executor.transaction(async (statements) => {
          const outcome = await set(statements, forUpdate(executor.dialect), group);
          if (outcome === 'set') await noteChanges(statements, [{ kind: 'rules', subject: group.owner }], clock.now());
          return outcome;
        }),
      );
    },
    async remove(owner, id) {
      if (!couldBeAor(owner) || !isId(id)) return false;
      const owned = '`ownerId` = (SELECT `id` FROM `Login` WHERE `aor` = ?)';
      return attempt(() =>
        executor.transaction(async (statements) => {
          const sql = `DELETE FROM \`ContactGroup\` WHERE \`id\` = ? AND ${owned}`;
          if ((await statements.execute(sql, [id, owner])) === 0) return false;
          await statements.execute(`DELETE FROM \`Acl\` WHERE \`subscriber\` = ? AND ${owned}`, [
            groupSubject(id),
            owner,
          ]);
          await noteChanges(statements, [{ kind: 'rules', subject: owner }], clock.now());
          return true;
        }),
      );
    },
  };
}

async function set(statements: Statements, lock: string, { id, owner, name, members }: Group): Promise<GroupOutcome> {
  const [login] = await statements.query(`SELECT \`id\` FROM \`Login\` WHERE \`aor\` = ?${lock}`, [owner]);
  if (login === undefined) return 'no-account';
  const ownerId = toNumber(login[0]);
  const theirs = await statements.query('SELECT `id`, `name` FROM `ContactGroup` WHERE `ownerId` = ?', [ownerId]);
  if (theirs.some(([other, taken]) => toText(taken) === name && toText(other) !== id)) return 'name-taken';
  if (theirs.some(([other]) => toText(other) === id)) {
    await statements.execute('UPDATE `ContactGroup` SET `name` = ? WHERE `id` = ?', [name, id]);
    await statements.execute('DELETE FROM `GroupMember` WHERE `groupId` = ?', [id]);
  } else {
    if (theirs.length >= MAX_GROUPS) return 'too-many';
    await statements.execute(insertSql('ContactGroup', ['id', 'ownerId', 'name'], 1), [id, ownerId, name]);
  }
  await insertMembers(
    statements,
    members.map((member) => [id, member]),
  );
  return 'set';
}

export async function insertMembers(
  statements: Statements,
  members: readonly (readonly [string, Aor])[],
): Promise<void> {
  for (const piece of inPieces(members)) {
    await statements.execute(insertSql('GroupMember', ['groupId', 'member'], piece.length), piece.flat());
  }
}

/** @param rows of {@link SELECT}, those of one group together. */
function readGroups(rows: readonly Row[]): readonly Group[] {
  const groups = new Map<string, Group & { readonly members: Aor[] }>();
  for (const [id, owner, name, member] of rows) {
    const key = toText(id);
    const group = groups.get(key) ?? { id: key, owner: toText(owner) as Aor, name: toText(name), members: [] };
    groups.set(key, group);
    if (member !== null) group.members.push(toText(member) as Aor);
  }
  return [...groups.values()];
}

/** The members of groups, by group. */
export async function membersOf(
  query: Statements['query'],
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly Aor[]>> {
  const members = new Map<string, Aor[]>();
  for (const batch of inBatches(ids)) {
    const values = padded(batch);
    const sql = `SELECT \`groupId\`, \`member\` FROM \`GroupMember\` WHERE \`groupId\` IN (${marks(values.length)}) ORDER BY \`member\``;
    for (const [id, member] of await query(sql, values)) {
      const key = toText(id);
      const known = members.get(key);
      if (known === undefined) members.set(key, [toText(member) as Aor]);
      else known.push(toText(member) as Aor);
    }
  }
  return members;
}
