import { type Aor, type Domains, MAX_GROUP_MEMBERS, MAX_GROUP_NAME_LENGTH } from '#model';
import { type FormReading, fieldOf } from '../../plugins/forms.ts';
import type { Words } from '../../words/index.ts';
import { readPerson } from './form.ts';

export interface GroupForm {
  /** '' for a new one. */
  readonly id: string;
  readonly name: string;
  readonly members: readonly Aor[];
}

/** Reads a group: its name, and an address in each line (or after each comma). */
export function readGroup(body: unknown, owner: Aor, domains: Domains, words: Words): FormReading<GroupForm> {
  const { wrong } = words.groups;
  const name = fieldOf(body, 'name')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
  if (name === '' || [...name].length > MAX_GROUP_NAME_LENGTH || name.length > MAX_GROUP_NAME_LENGTH)
    return { kind: 'wrong', errors: { name: wrong.name } };
  const texts = fieldOf(body, 'members')
    .split(/[\n,;]/)
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const members = new Set<Aor>();
  for (const text of texts) {
    const read = readPerson(text, owner, domains, words);
    if (read.kind === 'wrong') return { kind: 'wrong', errors: { members: wrong.member(text.slice(0, 60)) } };
    members.add(read.values);
  }
  if (members.size > MAX_GROUP_MEMBERS) return { kind: 'wrong', errors: { members: wrong.many(MAX_GROUP_MEMBERS) } };
  return { kind: 'good', values: { id: readGroupId(body), name, members: [...members] } };
}

export const readGroupId = (body: unknown): string => {
  const id = fieldOf(body, 'id');
  return /^[A-Za-z0-9_-]{8,32}$/.test(id) ? id : '';
};
