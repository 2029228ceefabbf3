import { type Aor, canonicalDomain, readAor } from './aor.ts';
import type { Permission } from './permission.ts';

/**
 * Whom a rule is about (the seed's Acl.subscriber): one person (`sip:bob@example.com`), everybody of a domain
 * (`@example.com`), or everybody (`*`).
 */
export type Subject = string & { readonly __subject: unique symbol };

/** One line of a presentity's access list: the seed's tuple <owner, subscriber, event, permission>. */
export interface Rule {
  readonly owner: Aor;
  readonly subject: Subject;
  /** Event package name, canonical. */
  readonly event: string;
  readonly permission: Permission;
}

export const EVERYBODY = '*' as Subject;

/** Reads what a person types into a rule: an address, `@domain` or a bare domain, or `*`. Undefined when it is none. */
export function readSubject(text: string): Subject | undefined {
  const trimmed = text.trim();
  if (trimmed === '*') return EVERYBODY;
  if (trimmed.startsWith('@')) return domainSubject(trimmed.slice(1));
  const aor = readAor(trimmed);
  if (aor !== undefined) return aor as string as Subject;
  return /^[^:@\s]+\.[^:@\s]+$/.test(trimmed) ? domainSubject(trimmed) : undefined;
}

export type SubjectKind = 'person' | 'domain' | 'everybody';

export function kindOf(subject: Subject): SubjectKind {
  if (subject === '*') return 'everybody';
  return subject.startsWith('@') ? 'domain' : 'person';
}

function domainSubject(text: string): Subject | undefined {
  const domain = canonicalDomain(text);
  return domain === undefined ? undefined : (`@${domain}` as Subject);
}
