/**
 * Protocol words ↔ what people read. The only place where the portal turns one into the other, so that a thing has one
 * name on every page.
 */
import {
  type Aor,
  domainOf,
  type Group,
  groupOf,
  kindOf,
  type Permission,
  readAor,
  type Subject,
  userOf,
} from '#model';
import type { PresenceSummary } from '#packages';
import type { Words } from './index.ts';

export interface PermissionWords {
  readonly permission: Permission;
  readonly name: string;
  readonly about: string;
}

/** As they stand on pages: from the most open to the most closed. */
const FROM_OPEN_TO_CLOSED: readonly Permission[] = ['allow', 'confirm', 'polite-block', 'block'];

export const permissionWords = (permission: Permission, words: Words): PermissionWords => ({
  permission,
  ...words.permissions[permission],
});

export const permissionChoices = (words: Words): readonly PermissionWords[] =>
  FROM_OPEN_TO_CLOSED.map((permission) => permissionWords(permission, words));

/** What may stand unescaped before people's eyes: no second @, no space, nothing that turns the direction of writing. */
const PLAIN_USER = /^[\p{L}\p{M}\p{N}._~!'*+-]+$/u;

/** `bob@example.com`; a user part that could pass for something else stays escaped. */
export function addressWords(aor: Aor): string {
  const user = decodeURIComponent(userOf(aor));
  return `${PLAIN_USER.test(user) ? user : userOf(aor)}@${domainOf(aor)}`;
}

export function subjectWords(subject: Subject, words: Words, groups: readonly Group[]): string {
  switch (kindOf(subject)) {
    case 'everybody':
      return words.subjects.everybody;
    case 'domain':
      return words.subjects.atDomain(subject.slice(1));
    case 'group': {
      const group = groups.find(({ id }) => id === groupOf(subject));
      return group === undefined ? words.subjects.lostGroup : words.subjects.group(group.name);
    }
    case 'person':
      return addressWords(subject as string as Aor);
  }
}

const has = <T extends object>(table: T, key: string): key is Extract<keyof T, string> => Object.hasOwn(table, key);

export const eventWords = (event: string, { events }: Words): string => (has(events, event) ? events[event] : event);

/** RFC 4480 §3.2; an activity that the RFC does not name is said as it is, without hyphens. */
export const activityWords = (activity: string, { activities }: Words): string =>
  has(activities, activity) ? activities[activity] : activity.replaceAll(/[-_]/g, ' ');

export interface StateWords {
  readonly lit: boolean;
  readonly state: string;
  readonly notes: readonly string[];
}

/** @param says undefined where nothing was said, or nothing that can be read. */
export function stateWords(says: PresenceSummary | undefined, words: Words): StateWords {
  if (says === undefined) return { lit: false, state: words.states.offline, notes: [] };
  const doing = says.activities.filter((activity) => activity !== 'unknown');
  const basic = says.open ? words.states.available : words.states.offline;
  const activities = doing.map((activity) => activityWords(activity, words));
  return { lit: says.open, state: [basic, ...activities].join(', '), notes: says.notes };
}

/** What was done, as the audit log names it; an act of a version that this one does not know is said as it is. */
export const actWords = (act: string, { admin }: Words): string =>
  has(admin.audit.acts, act) ? admin.audit.acts[act] : act.replaceAll('-', ' ');

/** An AOR as an address; anything else (the name of a package, of a row) as it is. */
export function whoWords(text: string): string {
  const aor = text.startsWith('sip:') ? readAor(text) : undefined;
  return aor === undefined ? text : addressWords(aor);
}
