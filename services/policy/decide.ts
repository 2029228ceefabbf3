import {
  type Aor,
  domainOf,
  EVERYBODY,
  isPermission,
  PERMISSIONS,
  type Permission,
  parentEvent,
  type Rule,
} from '#model';
import { indexOf } from './rule-index.ts';

export type Because = 'self' | 'person' | 'group' | 'domain' | 'everybody' | 'default';

export interface Decision {
  readonly permission: Permission;
  /** The rule that won; undefined when none spoke: for the owner, for watcher information, and where the server's default did. */
  readonly rule: Rule | undefined;
  readonly because: Because;
}

/**
 * The most specific rule wins: the person, then the groups the person is in, then the person's domain, then everybody,
 * then the server's default. The owner always sees their own state. A rule is never combined with a wider one, so a block
 * never depends on what else is granted; of several groups the one that grants least speaks. Who
 * watches somebody is told to nobody else (RFC 3857 §4.6, §6.2), whatever rules and defaults say.
 *
 * @param rules the owner's rules, of every event package; the array is taken as unchanging and indexed once.
 * @param now epoch ms: a rule whose time has not come, or is over, does not speak.
 */
export function decide(
  rules: readonly Rule[],
  owner: Aor,
  watcher: Aor,
  event: string,
  byDefault: Permission,
  now: number,
): Decision {
  if (watcher === owner) return SELF;
  if (parentEvent(event) !== undefined) return OWNER_ONLY;
  if (rules.length === 0) return { permission: byDefault, rule: undefined, because: 'default' };
  const { bySubject, byMember } = indexOf(rules);
  const scope = `${event} ${owner} `;
  const person = bySubject.get(`${scope}${watcher}`);
  if (person !== undefined && holdsAt(person, now)) return spoken('person', person);
  if (byMember.size > 0) {
    const [group] = strictestFirst(byMember.get(`${scope}${watcher}`), now);
    if (group !== undefined) return spoken('group', group);
  }
  const domain = bySubject.get(`${scope}@${domainOf(watcher)}`);
  if (domain !== undefined && holdsAt(domain, now)) return spoken('domain', domain);
  const everybody = bySubject.get(`${scope}${EVERYBODY}`);
  if (everybody !== undefined && holdsAt(everybody, now)) return spoken('everybody', everybody);
  return { permission: byDefault, rule: undefined, because: 'default' };
}

/**
 * Everything that speaks of this watcher now, the closest first: the first is what {@link decide} answers, and overrules
 * the others. For people who want to know why.
 */
export function contendersOf(
  rules: readonly Rule[],
  owner: Aor,
  watcher: Aor,
  event: string,
  byDefault: Permission,
  now: number,
): readonly Decision[] {
  if (watcher === owner) return [SELF];
  if (parentEvent(event) !== undefined) return [OWNER_ONLY];
  const { bySubject, byMember } = indexOf(rules);
  const scope = `${event} ${owner} `;
  const holding = (subject: string): readonly Rule[] => {
    const rule = bySubject.get(`${scope}${subject}`);
    return rule !== undefined && holdsAt(rule, now) ? [rule] : [];
  };
  return [
    ...holding(watcher).map((rule) => spoken('person', rule)),
    ...strictestFirst(byMember.get(`${scope}${watcher}`), now).map((rule) => spoken('group', rule)),
    ...holding(`@${domainOf(watcher)}`).map((rule) => spoken('domain', rule)),
    ...holding(EVERYBODY).map((rule) => spoken('everybody', rule)),
    { permission: byDefault, rule: undefined, because: 'default' },
  ];
}

const SELF: Decision = { permission: 'allow', rule: undefined, because: 'self' };
const OWNER_ONLY: Decision = { permission: 'block', rule: undefined, because: 'default' };

const spoken = (because: Because, rule: Rule): Decision => ({ permission: meant(rule), rule, because });

/** Whether the rule speaks at this instant. */
export function holdsAt({ fromAt, untilAt }: Rule, now: number): boolean {
  return (fromAt === undefined || fromAt <= now) && (untilAt === undefined || now < untilAt);
}

/** When some rule begins or ceases to hold next, epoch ms; undefined when none will. */
export function nextTurnOf(rules: readonly Rule[], now: number): number | undefined {
  const { turns } = indexOf(rules);
  let from = 0;
  // Asked for each NOTIFY, of rules that may be over since long ago: halved, not walked through.
  for (let to = turns.length; from < to; ) {
    const middle = (from + to) >> 1;
    if ((turns[middle] as number) > now) to = middle;
    else from = middle + 1;
  }
  return turns[from];
}

/** A row edited by hand may say what we do not know: that is no permission. */
const meant = ({ permission }: Rule): Permission => (isPermission(permission) ? permission : 'block');

function strictestFirst(rules: readonly Rule[] = [], now: number): readonly Rule[] {
  const holding = rules.filter((rule) => holdsAt(rule, now));
  return holding.sort((one, other) => PERMISSIONS.indexOf(meant(one)) - PERMISSIONS.indexOf(meant(other)));
}
