import { type Aor, domainOf, EVERYBODY, isPermission, type Permission, type Rule, type Subject } from '#model';

export interface Decision {
  readonly permission: Permission;
  /** The rule that won; undefined when no rule spoke and the server's default did, or the owner asked for themselves. */
  readonly rule: Rule | undefined;
  readonly because: 'self' | 'person' | 'domain' | 'everybody' | 'default';
}

/**
 * The most specific rule wins: the person, then the person's domain, then everybody, then the server's default. The
 * owner always sees their own state. A rule is never combined with a wider one, so a block never depends on what else
 * is granted.
 *
 * @param rules the owner's rules, of every event package; the array is taken as unchanging and indexed once.
 */
export function decide(
  rules: readonly Rule[],
  owner: Aor,
  watcher: Aor,
  event: string,
  byDefault: Permission,
): Decision {
  if (watcher === owner) return { permission: 'allow', rule: undefined, because: 'self' };
  if (rules.length === 0) return { permission: byDefault, rule: undefined, because: 'default' };
  const index = indexOf(rules);
  const find = (subject: Subject): Rule | undefined => index.get(`${event} ${owner} ${subject}`);
  const person = find(watcher as string as Subject);
  if (person !== undefined) return { permission: meant(person), rule: person, because: 'person' };
  const domain = find(`@${domainOf(watcher)}` as Subject);
  if (domain !== undefined) return { permission: meant(domain), rule: domain, because: 'domain' };
  const everybody = find(EVERYBODY);
  if (everybody !== undefined) return { permission: meant(everybody), rule: everybody, because: 'everybody' };
  return { permission: byDefault, rule: undefined, because: 'default' };
}

/** A row edited by hand may say what we do not know: that is no permission. */
const meant = ({ permission }: Rule): Permission => (isPermission(permission) ? permission : 'block');

type RuleIndex = ReadonlyMap<string, Rule>;

/** An owner with thousands of rules is asked about once for each NOTIFY: a list is searched once, then looked up. */
const indices = new WeakMap<readonly Rule[], RuleIndex>();

function indexOf(rules: readonly Rule[]): RuleIndex {
  let index = indices.get(rules);
  if (index === undefined) {
    index = new Map(rules.map((rule) => [`${rule.event} ${rule.owner} ${rule.subject}`, rule]));
    indices.set(rules, index);
  }
  return index;
}
