/**
 * Protocol words ↔ what people read. The only place where the portal turns one into the other, so that a thing has one
 * name on every page.
 */
import { type Aor, domainOf, kindOf, type Permission, type Subject, userOf } from '#model';
import type { Decision } from '#policy';

export interface PermissionWords {
  readonly permission: Permission;
  readonly name: string;
  readonly about: string;
}

const PERMISSION_WORDS: { readonly [P in Permission]: PermissionWords } = {
  allow: {
    permission: 'allow',
    name: 'Can see my presence',
    about: 'They see when you are there and what you are up to.',
  },
  confirm: {
    permission: 'confirm',
    name: 'Must ask',
    about: 'They see nothing until you decide. You find them under Watchers.',
  },
  'polite-block': {
    permission: 'polite-block',
    name: 'Sees me offline',
    about: 'They think you are never there. They are not told why.',
  },
  block: {
    permission: 'block',
    name: 'Refused',
    about: 'They see nothing, and their phone is told no.',
  },
};

/** As they stand on pages: from the most open to the most closed. */
export const PERMISSION_CHOICES: readonly PermissionWords[] = [
  PERMISSION_WORDS.allow,
  PERMISSION_WORDS.confirm,
  PERMISSION_WORDS['polite-block'],
  PERMISSION_WORDS.block,
];

export const permissionWords = (permission: Permission): PermissionWords => PERMISSION_WORDS[permission];

/** The end of «From now on bob …». */
export function permissionSentence(permission: Permission): string {
  switch (permission) {
    case 'allow':
      return 'can see your presence';
    case 'confirm':
      return 'must ask you first';
    case 'polite-block':
      return 'sees you offline';
    case 'block':
      return 'is refused';
  }
}

/** What may stand unescaped before people's eyes: no second @, no space, nothing that turns the direction of writing. */
const PLAIN_USER = /^[\p{L}\p{M}\p{N}._~!'*+-]+$/u;

/** `bob@example.com`; a user part that could pass for something else stays escaped. */
export function addressWords(aor: Aor): string {
  const user = decodeURIComponent(userOf(aor));
  return `${PLAIN_USER.test(user) ? user : userOf(aor)}@${domainOf(aor)}`;
}

export function subjectWords(subject: Subject): string {
  switch (kindOf(subject)) {
    case 'everybody':
      return 'Everybody';
    case 'group':
      return 'A group';
    case 'domain':
      return `Everybody at ${subject.slice(1)}`;
    case 'person':
      return addressWords(subject as string as Aor);
  }
}

/** Why a watcher has the permission they have. */
export function becauseWords(because: Decision['because']): string {
  switch (because) {
    case 'self':
      return 'this is you';
    case 'person':
      return 'by your rule for them';
    case 'group':
      return 'by your rule for a group they are in';
    case 'domain':
      return 'by your rule for their domain';
    case 'everybody':
      return 'by your rule for everybody';
    case 'default':
      return 'by this server’s setting';
  }
}

const EVENT_WORDS: Readonly<Record<string, string>> = { presence: 'Presence' };

export const eventWords = (event: string): string => EVENT_WORDS[event] ?? event;

/** RFC 4480 §3.2 activities whose own name does not read well; the others are said as they are, without hyphens. */
const ACTIVITY_WORDS: Readonly<Record<string, string>> = {
  'permanent-absence': 'gone for good',
  'on-the-phone': 'on the phone',
  'in-transit': 'on the way',
  'looking-for-work': 'looking for work',
  vacation: 'on vacation',
  holiday: 'on holiday',
  meeting: 'in a meeting',
  meal: 'at a meal',
  breakfast: 'at breakfast',
  lunch: 'at lunch',
  dinner: 'at dinner',
  tv: 'watching TV',
  appointment: 'at an appointment',
};

export const activityWords = (activity: string): string =>
  ACTIVITY_WORDS[activity] ?? activity.replaceAll(/[-_]/g, ' ');
