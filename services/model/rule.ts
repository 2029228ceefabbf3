import { type Aor, canonicalDomain, readAor } from './aor.ts';
import type { Permission } from './permission.ts';

/**
 * Whom a rule is about (the seed's Acl.subscriber): one person (`sip:bob@example.com`), the people of a list of the
 * owner's (`group:ID`), everybody of a domain (`@example.com`), or everybody (`*`).
 */
export type Subject = string & { readonly __subject: unique symbol };

/** One line of a presentity's access list: the seed's tuple <owner, subscriber, event, permission>, and when it holds. */
export interface Rule {
  readonly owner: Aor;
  readonly subject: Subject;
  /** Event package name, canonical. */
  readonly event: string;
  readonly permission: Permission;
  /** Holds from this instant on, epoch ms; always did when absent. */
  readonly fromAt?: number;
  /** Holds no longer at this instant, epoch ms; never ends when absent. */
  readonly untilAt?: number;
  /** Who is in the group, where the rule is about one. Never written with the rule. */
  readonly members?: readonly Aor[];
}

/** A list of people with a name, which the owner's rules can be about. */
export interface Group {
  /** Ours, 8 to 32 characters. */
  readonly id: string;
  readonly owner: Aor;
  /** For the owner to read, unique among the owner's. */
  readonly name: string;
  readonly members: readonly Aor[];
}

/** What one owner may keep: a page of them, and a list that one reading of rules can carry. */
export const MAX_GROUPS = 50;
export const MAX_GROUP_MEMBERS = 500;
export const MAX_GROUP_NAME_LENGTH = 64;

export const EVERYBODY = '*' as Subject;

const GROUP = 'group:';

/** Reads what a person types into a rule: an address, `@domain` or a bare domain, or `*`. Undefined when it is none. */
export function readSubject(text: string): Subject | undefined {
  const trimmed = text.trim();
  if (trimmed === '*') return EVERYBODY;
  if (trimmed.startsWith('@')) return domainSubject(trimmed.slice(1));
  const aor = readAor(trimmed);
  if (aor !== undefined) return aor as string as Subject;
  return /^[^:@\s]+\.[^:@\s]+$/.test(trimmed) ? domainSubject(trimmed) : undefined;
}

/** The subject of rules about this group. */
export const groupSubject = (id: string): Subject => `${GROUP}${id}` as Subject;

/** Which group the subject names; undefined when it is about no group. */
export function groupOf(subject: Subject): string | undefined {
  return subject.startsWith(GROUP) ? subject.slice(GROUP.length) : undefined;
}

export type SubjectKind = 'person' | 'group' | 'domain' | 'everybody';

export function kindOf(subject: Subject): SubjectKind {
  if (subject === '*') return 'everybody';
  if (subject.startsWith(GROUP)) return 'group';
  return subject.startsWith('@') ? 'domain' : 'person';
}

function domainSubject(text: string): Subject | undefined {
  const domain = canonicalDomain(text);
  return domain === undefined ? undefined : (`@${domain}` as Subject);
}
