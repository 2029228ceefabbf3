import {
  type Aor,
  canonicalDomain,
  type Domains,
  domainOf,
  EVERYBODY,
  isPermission,
  kindOf,
  type Permission,
  readAor,
  readSubject,
  type Subject,
} from '#model';
import { type FormReading, fieldOf } from '../../plugins/forms.ts';

export interface RuleForm {
  readonly subject: Subject;
  readonly event: string;
  readonly permission: Permission;
}

export type RuleKey = Omit<RuleForm, 'permission'>;

/** What the form is filled with when it comes back. */
export function keptOf(body: unknown): Readonly<Record<'kind' | 'who' | 'event' | 'permission', string>> {
  return {
    kind: fieldOf(body, 'kind') || 'person',
    who: fieldOf(body, 'who').trim(),
    event: fieldOf(body, 'event'),
    permission: fieldOf(body, 'permission') || 'allow',
  };
}

/** Reads the form that adds a rule. @param events the event packages that rules can be about. */
export function readNewRule(
  body: unknown,
  owner: Aor,
  domains: Domains,
  events: readonly string[],
): FormReading<RuleForm> {
  const { kind, who, event, permission } = keptOf(body);
  const subject = readWhom(kind, who, owner, domains);
  if (!isPermission(permission)) return { kind: 'wrong', errors: { permission: 'Please choose what they may see.' } };
  if (!events.includes(event)) return { kind: 'wrong', errors: { event: 'Please choose what the rule is about.' } };
  if (subject.kind === 'wrong') return subject;
  return { kind: 'good', values: { subject: subject.values, event, permission } };
}

/** Reads the hidden fields of a rule that stands on the page. */
export function readRuleKey(body: unknown): RuleKey | undefined {
  const subject = readSubject(fieldOf(body, 'subject'));
  const event = fieldOf(body, 'event');
  return subject === undefined || event === '' ? undefined : { subject, event };
}

export function readPermission(body: unknown): Permission | undefined {
  const text = fieldOf(body, 'permission');
  return isPermission(text) ? text : undefined;
}

/** Longer than any address that can be kept, characters. */
const MAX_WHO_LENGTH = 255;

function readWhom(kind: string, who: string, owner: Aor, domains: Domains): FormReading<Subject> {
  if (who.length > MAX_WHO_LENGTH) return wrong('This is too long for an address.');
  switch (kind) {
    case 'everybody':
      return { kind: 'good', values: EVERYBODY };
    case 'domain':
      return readDomain(who, domains);
    case 'person':
      return readPerson(who, owner, domains);
    default:
      return wrong('Please choose whom the rule is about.');
  }
}

function readDomain(who: string, domains: Domains): FormReading<Subject> {
  if (who === '') return wrong('Please enter a domain, such as example.com.');
  if (readAor(who) !== undefined) return wrong('This is one person’s address. A domain looks like example.com.');
  const host = canonicalDomain(who.replace(/^@/, ''));
  if (host === undefined) return wrong('This is no domain. A domain looks like example.com.');
  const subject = readSubject(`@${domains.meant(host) ?? host}`);
  return subject === undefined ? wrong('This is no domain. A domain looks like example.com.') : good(subject);
}

/** A bare name means somebody of the owner's own domain. */
function readPerson(who: string, owner: Aor, domains: Domains): FormReading<Subject> {
  const home = domainOf(owner);
  if (who === '') return wrong(`Please enter an address, such as kim or kim@${home}.`);
  const aor = who.startsWith('@') ? undefined : readAor(who.includes('@') ? who : `${who}@${home}`);
  const subject = aor === undefined ? undefined : readSubject(domains.fold(aor));
  if (subject === undefined || kindOf(subject) !== 'person' || /\s/.test(who))
    return wrong(`This is no address. An address looks like kim@${home}.`);
  if ((subject as string) === owner) return wrong('This is you. You always see your own presence.');
  return good(subject);
}

const good = (values: Subject): FormReading<Subject> => ({ kind: 'good', values });
const wrong = (error: string): FormReading<Subject> => ({ kind: 'wrong', errors: { who: error } });
