import { type Aor, kindOf, type Rule } from '#model';

/** An owner's rules, arranged to be asked: an owner with thousands of rules is asked about once for each NOTIFY. */
export interface RuleIndex {
  /** By `event owner subject`, groups left out. */
  readonly bySubject: ReadonlyMap<string, Rule>;
  /** Rules about groups, by `event owner member`. */
  readonly byMember: ReadonlyMap<string, readonly Rule[]>;
  /** Instants at which some rule begins or ceases to hold, ascending; empty for nearly everybody. */
  readonly turns: readonly number[];
}

const indices = new WeakMap<readonly Rule[], RuleIndex>();

/** A list is searched once, then looked up: it never changes, a new reading is a new list. */
export function indexOf(rules: readonly Rule[]): RuleIndex {
  let index = indices.get(rules);
  if (index === undefined) {
    index = makeIndex(rules);
    indices.set(rules, index);
  }
  return index;
}

function makeIndex(rules: readonly Rule[]): RuleIndex {
  const bySubject = new Map<string, Rule>();
  const byMember = new Map<string, Rule[]>();
  const turns = new Set<number>();
  for (const rule of rules) {
    const scope = `${rule.event} ${rule.owner} `;
    if (kindOf(rule.subject) === 'group') for (const member of new Set(rule.members)) enlist(scope, member, rule);
    else bySubject.set(`${scope}${rule.subject}`, rule);
    if (rule.fromAt !== undefined) turns.add(rule.fromAt);
    if (rule.untilAt !== undefined) turns.add(rule.untilAt);
  }
  return { bySubject, byMember, turns: [...turns].sort((one, other) => one - other) };

  function enlist(scope: string, member: Aor, rule: Rule): void {
    const key = `${scope}${member}`;
    const known = byMember.get(key);
    if (known === undefined) byMember.set(key, [rule]);
    else known.push(rule);
  }
}
