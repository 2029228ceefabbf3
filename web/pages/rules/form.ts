import {
  type Aor,
  canonicalDomain,
  type Domains,
  domainOf,
  EVERYBODY,
  type Group,
  groupSubject,
  isPermission,
  kindOf,
  type Permission,
  type Rule,
  readAor,
  readSubject,
  type Subject,
} from '#model';
import { type FormErrors, type FormReading, fieldOf } from '../../plugins/forms.ts';
import type { Words } from '../../words/index.ts';
import { readWallTime, readZone } from '../../zones.ts';

/** Of one account, made in the portal: each is read for every watcher, and kept in memory by the SIP service. */
export const MAX_RULES = 1000;

/** Whether a rule about `key` can be added to these, or takes the place of one. */
export const hasRoom = (rules: readonly Rule[], { subject, event }: RuleKey): boolean =>
  rules.length < MAX_RULES || rules.some((rule) => rule.subject === subject && rule.event === event);

export type RuleForm = Pick<Rule, 'subject' | 'event' | 'permission' | 'fromAt' | 'untilAt'>;
export type RuleKey = Pick<Rule, 'subject' | 'event'>;
export type Dates = Pick<Rule, 'fromAt' | 'untilAt'>;

const FIELDS = ['kind', 'who', 'group', 'event', 'permission', 'from', 'until'] as const;

/** What the form is filled with when it comes back. */
export function keptOf(body: unknown): Readonly<Record<(typeof FIELDS)[number], string>> {
  const [kind, who, group, event, permission, from, until] = FIELDS.map((name) => fieldOf(body, name).trim());
  return {
    kind: kind || 'person',
    who: who ?? '',
    group: group ?? '',
    event: event ?? '',
    permission: permission || 'allow',
    from: from ?? '',
    until: until ?? '',
  };
}

export interface Known {
  readonly owner: Aor;
  readonly domains: Domains;
  /** The event packages that rules can be about. */
  readonly events: readonly string[];
  readonly groups: readonly Group[];
  readonly words: Words;
}

/** Reads the form that adds a rule. */
export function readNewRule(body: unknown, known: Known): FormReading<RuleForm> {
  const { wrong } = known.words.rules;
  const { event, permission } = keptOf(body);
  const subject = readWhom(body, known);
  const dates = readDates(body, known.words);
  if (!isPermission(permission)) return { kind: 'wrong', errors: { permission: wrong.permission } };
  if (!known.events.includes(event)) return { kind: 'wrong', errors: { event: wrong.event } };
  if (subject.kind === 'wrong') return subject;
  if (dates.kind === 'wrong') return dates;
  return { kind: 'good', values: { subject: subject.values, event, permission, ...dates.values } };
}

/** Reads the hidden fields of a rule that stands on the page. */
export function readRuleKey(body: unknown): RuleKey | undefined {
  const text = fieldOf(body, 'subject');
  const group = /^group:([A-Za-z0-9_-]{8,32})$/.exec(text)?.[1];
  const subject = group === undefined ? readSubject(text) : groupSubject(group);
  const event = fieldOf(body, 'event');
  return subject === undefined || event === '' ? undefined : { subject, event };
}

export function readPermission(body: unknown): Permission | undefined {
  const text = fieldOf(body, 'permission');
  return isPermission(text) ? text : undefined;
}

/** From when and until when, by the clock of where the browser is. Empty means always. */
export function readDates(body: unknown, { rules: { wrong } }: Words): FormReading<Dates> {
  const zone = readZone(fieldOf(body, 'zone'));
  const errors: Record<string, string> = {};
  const read = (name: 'from' | 'until'): number | undefined => {
    const text = fieldOf(body, name).trim();
    const at = text === '' ? undefined : readWallTime(text, zone);
    if (text !== '' && (at === undefined || at < 0)) errors[name] = wrong.date;
    return at;
  };
  const fromAt = read('from');
  const untilAt = read('until');
  if (fromAt !== undefined && untilAt !== undefined && untilAt <= fromAt) errors['until'] = wrong.order;
  if (Object.keys(errors).length > 0) return { kind: 'wrong', errors: errors as FormErrors };
  return {
    kind: 'good',
    values: { ...(fromAt !== undefined && { fromAt }), ...(untilAt !== undefined && { untilAt }) },
  };
}

/** Longer than any address that can be kept, characters. */
const MAX_WHO_LENGTH = 255;

function readWhom(body: unknown, { owner, domains, groups, words }: Known): FormReading<Subject> {
  const { wrong } = words.rules;
  const { kind, who, group } = keptOf(body);
  if (who.length > MAX_WHO_LENGTH) return bad(wrong.long);
  switch (kind) {
    case 'everybody':
      return good(EVERYBODY);
    case 'group': {
      const known = groups.find(({ id }) => id === group);
      return known === undefined ? { kind: 'wrong', errors: { group: wrong.group } } : good(groupSubject(known.id));
    }
    case 'domain':
      return readDomain(who, domains, words);
    case 'person': {
      const aor = readPerson(who, owner, domains, words);
      return aor.kind === 'wrong' ? aor : good(aor.values as string as Subject);
    }
    default:
      return bad(wrong.kind);
  }
}

function readDomain(who: string, domains: Domains, { rules: { wrong } }: Words): FormReading<Subject> {
  if (who === '') return bad(wrong.needDomain);
  if (readAor(who) !== undefined) return bad(wrong.person);
  const host = canonicalDomain(who.replace(/^@/, ''));
  if (host === undefined) return bad(wrong.domain);
  const subject = readSubject(`@${domains.meant(host) ?? host}`);
  return subject === undefined ? bad(wrong.domain) : good(subject);
}

/** A bare name means somebody of the owner's own domain. */
export function readPerson(who: string, owner: Aor, domains: Domains, { rules: { wrong } }: Words): FormReading<Aor> {
  const home = domainOf(owner);
  if (who === '') return bad(wrong.needWho(home));
  const read = who.startsWith('@') || /\s/.test(who) ? undefined : readAor(who.includes('@') ? who : `${who}@${home}`);
  const aor = read === undefined ? undefined : domains.fold(read);
  if (aor === undefined || kindOf(aor as string as Subject) !== 'person') return bad(wrong.who(home));
  return aor === owner ? bad(wrong.self) : { kind: 'good', values: aor };
}

const good = (values: Subject): FormReading<Subject> => ({ kind: 'good', values });
const bad = <T>(error: string): FormReading<T> => ({ kind: 'wrong', errors: { who: error } });
