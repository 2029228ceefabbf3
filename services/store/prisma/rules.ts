/** Acl: who may see whom; Events and Eventloader: which event packages run. */
import { type Aor, type Change, groupOf, type Permission, type Rule, type Subject } from '#model';
import type { Clock } from '#runtime';
import { checkLoaderRow, checkRule, couldBeAor, MANY_ACCOUNTS } from '../limits.ts';
import type { EventLoader, RuleOutcome, Rules } from '../store.ts';
import { readIds } from './account-import.ts';
import { noteChanges } from './changes.ts';
import type { Attempt, Database } from './database.ts';
import { toNumber, toText } from './decode.ts';
import type { DialectName, Executor, Row, Statements, Value } from './executor.ts';
import { membersOf } from './personal/groups.ts';
import { inBatches, inPieces, marks, padded, upsertSql } from './statements.ts';

const SELECT_RULES =
  'SELECT l.`aor`, a.`subscriber`, a.`event`, a.`permission`, a.`fromAt`, a.`untilAt` FROM `Acl` a' +
  ' JOIN `Login` l ON l.`id` = a.`ownerId`';
const COLUMNS = ['ownerId', 'subscriber', 'event', 'permission', 'fromAt', 'untilAt'] as const;

export function makeRules(executor: Executor, attempt: Attempt, clock: Clock): Rules {
  async function ofMany(owners: readonly Aor[]): Promise<ReadonlyMap<Aor, readonly Rule[]>> {
    const rules = new Map<Aor, Rule[]>(owners.map((owner) => [owner, []]));
    for (const batch of inBatches([...rules.keys()].filter(couldBeAor), 1024)) {
      const values = padded(batch);
      const sql = `${SELECT_RULES} WHERE l.\`aor\` IN (${marks(values.length)}) ORDER BY a.\`event\`, a.\`subscriber\``;
      for (const row of await attempt(() => executor.query(sql, values))) {
        const rule = readRule(row);
        rules.get(rule.owner)?.push(rule);
      }
    }
    return withMembers(rules);
  }

  /** Few owners have groups, and only theirs are asked for. */
  async function withMembers(rules: ReadonlyMap<Aor, Rule[]>): Promise<ReadonlyMap<Aor, readonly Rule[]>> {
    const groups = new Set([...rules.values()].flat().flatMap(({ subject }) => groupOf(subject) ?? []));
    if (groups.size === 0) return rules;
    const members = await attempt(() => membersOf(executor.query, [...groups]));
    const filled = (rule: Rule): Rule => {
      const group = groupOf(rule.subject);
      return group === undefined ? rule : { ...rule, members: members.get(group) ?? [] };
    };
    return new Map([...rules].map(([owner, theirs]) => [owner, theirs.map(filled)]));
  }

  return {
    ofMany,
    async of(owner) {
      return (await ofMany([owner])).get(owner) ?? [];
    },
    async set(rule) {
      checkRule(rule);
      const { owner, event } = rule;
      if (!couldBeAor(owner)) return 'no-account';
      return attempt(() =>
        executor.transaction(async (statements) => {
          const [login] = await statements.query('SELECT `id` FROM `Login` WHERE `aor` = ?', [owner]);
          if (login === undefined) return 'no-account';
          const [known] = await statements.query('SELECT `name` FROM `Events` WHERE `name` = ?', [event]);
          if (known?.[0] !== event) return 'no-event';
          const sql = upsertSql(executor.dialect, 'Acl', COLUMNS, 1, ['ownerId', 'event', 'subscriber']);
          await statements.execute(sql, ruleValues(toNumber(login[0]), rule));
          await noteChanges(statements, [{ kind: 'rules', subject: owner }], clock.now());
          return 'set';
        }),
      );
    },
    async setMany(rules) {
      for (const rule of rules) checkRule(rule);
      const owners = new Set(rules.map(({ owner }) => owner));
      const many = owners.size > MANY_ACCOUNTS;
      const outcomes: RuleOutcome[] = [];
      for (const batch of inBatches(rules, 1000)) {
        const work = (): Promise<readonly RuleOutcome[]> =>
          executor.transaction((statements) => setBatch(statements, executor.dialect, batch, clock.now(), many));
        outcomes.push(...(await attempt(work)));
      }
      return outcomes;
    },
    async remove(owner, subject, event) {
      if (!couldBeAor(owner) || /\s/.test(subject + event)) return false;
      const sql =
        'DELETE FROM `Acl` WHERE `ownerId` = (SELECT `id` FROM `Login` WHERE `aor` = ?)' +
        ' AND `event` = ? AND `subscriber` = ?';
      return attempt(() =>
        executor.transaction(async (statements) => {
          if ((await statements.execute(sql, [owner, event, subject])) === 0) return false;
          await noteChanges(statements, [{ kind: 'rules', subject: owner }], clock.now());
          return true;
        }),
      );
    },
  };
}

function ruleValues(ownerId: number, { subject, event, permission, fromAt, untilAt }: Rule): readonly Value[] {
  return [ownerId, subject, event, permission, fromAt ?? null, untilAt ?? null];
}

/** Of `aor, subscriber, event, permission, fromAt, untilAt`; without the members of a group. */
function readRule([aor, subject, event, permission, fromAt, untilAt]: Row): Rule {
  return {
    owner: toText(aor) as Aor,
    subject: toText(subject) as Subject,
    event: toText(event),
    permission: toText(permission) as Permission,
    ...(fromAt !== null && { fromAt: toNumber(fromAt) }),
    ...(untilAt !== null && { untilAt: toNumber(untilAt) }),
  };
}

/** For whoever reads or writes whole tables. */
export const RULE = { columns: COLUMNS, readRow: readRule, valuesOf: ruleValues } as const;

async function setBatch(
  statements: Statements,
  dialect: DialectName,
  rules: readonly Rule[],
  at: number,
  many: boolean,
): Promise<readonly RuleOutcome[]> {
  const owners = [...new Set(rules.map(({ owner }) => owner))].filter(couldBeAor);
  const ids = owners.length === 0 ? new Map<Aor, number>() : await readIds(statements, padded(owners));
  const events = new Set((await statements.query('SELECT `name` FROM `Events`', [])).map(([name]) => name));
  const outcomes = rules.map(({ owner, event }): RuleOutcome => {
    if (!ids.has(owner)) return 'no-account';
    return events.has(event) ? 'set' : 'no-event';
  });
  const kept = rules.filter((_, index) => outcomes[index] === 'set');
  // One statement must not name a row twice: of several for the same the last stands.
  const last = new Map(kept.map((rule) => [`${rule.owner} ${rule.event} ${rule.subject}`, rule]));
  for (const piece of inPieces([...last.values()])) {
    const sql = upsertSql(dialect, 'Acl', COLUMNS, piece.length, ['ownerId', 'event', 'subscriber']);
    const values = piece.flatMap((rule) => ruleValues(ids.get(rule.owner) ?? 0, rule));
    await statements.execute(sql, values);
  }
  const changed = [...new Set(kept.map(({ owner }) => owner))];
  const changes: readonly Change[] = many
    ? [{ kind: 'everything', subject: '' }]
    : changed.map((owner) => ({ kind: 'rules', subject: owner }));
  if (changed.length > 0) await noteChanges(statements, changes, at);
  return outcomes;
}

export function makeEventLoader({ client, executor }: Database, attempt: Attempt, clock: Clock): EventLoader {
  return {
    async list() {
      const rows = await attempt(() => client.eventloader.findMany({ orderBy: { event: 'asc' } }));
      return rows.map(({ event, eventpack, enabled }) => ({ event, module: eventpack, enabled }));
    },
    async set(row) {
      checkLoaderRow(row);
      const columns = ['event', 'eventpack', 'enabled'];
      const upsert = upsertSql(executor.dialect, 'Eventloader', columns, 1, ['event']);
      await attempt(() =>
        executor.transaction(async (statements) => {
          const [known] = await statements.query('SELECT `id` FROM `Events` WHERE `name` = ?', [row.event]);
          if (known === undefined) await statements.execute('INSERT INTO `Events` (`name`) VALUES (?)', [row.event]);
          await statements.execute(upsert, [row.event, row.module, row.enabled ? 1 : 0]);
          await noteChanges(statements, [{ kind: 'packages', subject: '' }], clock.now());
        }),
      );
    },
  };
}
