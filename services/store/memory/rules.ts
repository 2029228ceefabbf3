import { type Aor, groupOf, type Rule } from '#model';
import { checkLoaderRow, checkRule, MANY_ACCOUNTS } from '../limits.ts';
import type { EventLoader, RuleOutcome, Rules } from '../store.ts';
import type { Note } from './journal.ts';
import { type MemoryRows, ruleKey } from './rows.ts';

export function makeMemoryRules({ accounts, rules: byOwner, packages, groups }: MemoryRows, note: Note): Rules {
  const of = (owner: Aor): readonly Rule[] =>
    [...(byOwner.get(owner)?.values() ?? [])].sort(byEventThenSubject).map(withMembers);
  const withMembers = (rule: Rule): Rule => {
    const group = groupOf(rule.subject);
    return group === undefined ? rule : { ...rule, members: groups.get(group)?.members ?? [] };
  };
  function keep({ members: _, ...rule }: Rule): RuleOutcome {
    const { owner, subject, event } = rule;
    if (!accounts.has(owner)) return 'no-account';
    if (!packages.has(event)) return 'no-event';
    const rules = byOwner.get(owner) ?? new Map<string, Rule>();
    byOwner.set(owner, rules);
    rules.set(ruleKey({ subject, event }), rule);
    return 'set';
  }

  return {
    async of(owner) {
      return of(owner);
    },
    async ofMany(owners) {
      return new Map(owners.map((owner) => [owner, of(owner)]));
    },
    async set(rule) {
      checkRule(rule);
      const outcome = keep(rule);
      if (outcome === 'set') note({ kind: 'rules', subject: rule.owner });
      return outcome;
    },
    async setMany(given) {
      for (const rule of given) checkRule(rule);
      const outcomes = given.map(keep);
      const owners = new Set(given.flatMap(({ owner }, index) => (outcomes[index] === 'set' ? [owner] : [])));
      if (owners.size > MANY_ACCOUNTS) note({ kind: 'everything', subject: '' });
      else for (const subject of owners) note({ kind: 'rules', subject });
      return outcomes;
    },
    async remove(owner, subject, event) {
      const removed = byOwner.get(owner)?.delete(ruleKey({ subject, event })) ?? false;
      if (removed) note({ kind: 'rules', subject: owner });
      return removed;
    },
  };
}

function byEventThenSubject(one: Rule, other: Rule): number {
  if (one.event !== other.event) return one.event < other.event ? -1 : 1;
  return one.subject < other.subject ? -1 : 1;
}

export function makeMemoryEventLoader({ packages }: MemoryRows, note: Note): EventLoader {
  return {
    async list() {
      return [...packages.values()].sort((one, other) => (one.event < other.event ? -1 : 1));
    },
    async set(row) {
      checkLoaderRow(row);
      const { event, module, enabled } = row;
      packages.set(event, { event, module, enabled });
      note({ kind: 'packages', subject: '' });
    },
  };
}
