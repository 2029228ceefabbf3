import { type Aor, type Group, MAX_GROUP_MEMBERS, MAX_GROUP_NAME_LENGTH, MAX_GROUPS } from '#model';
import { type CliDeps, type Outcome, type Refused, refused } from './outcome.ts';
import { readAccount, readWatcher, withoutScheme } from './read-account.ts';

const ID_LENGTH = 12;

/** Makes a list of people that the owner's rules can be about (`group:NAME`). */
export async function addGroup(
  deps: CliDeps,
  ownerName: string,
  name: string,
  memberNames: readonly string[],
): Promise<Outcome> {
  const owner = readAccount(ownerName, deps.domains);
  if (owner.kind === 'refused') return owner;
  const members = readMembers(memberNames, deps);
  if (typeof members === 'string') return refused(members);
  return keep(deps, { id: deps.random.token(ID_LENGTH), owner: owner.aor, name: name.trim(), members });
}

/** The groups of one owner, and who is in them. */
export async function listGroups(deps: CliDeps, ownerName: string): Promise<Outcome> {
  const found = await groupsOf(deps, ownerName);
  if ('kind' in found) return found;
  return { kind: 'done', lines: found.groups.map(lineOf), value: found.groups.map(jsonOf) };
}

/** Takes the group away, and the rules about it. */
export async function removeGroup(deps: CliDeps, ownerName: string, name: string): Promise<Outcome> {
  const found = await groupNamed(deps, ownerName, name);
  if ('kind' in found) return found;
  await deps.store.groups.remove(found.owner, found.id);
  const shown = withoutScheme(found.owner);
  return {
    kind: 'done',
    lines: [`Deleted the group ${found.name} of ${shown}, and the rules about it`],
    value: { owner: shown, group: found.name },
  };
}

/** Puts people into a group, or takes them out of it; who is in it already, or is not, is no mistake. */
export async function changeMembers(
  deps: CliDeps,
  ownerName: string,
  name: string,
  memberNames: readonly string[],
  takeOut: boolean,
): Promise<Outcome> {
  const found = await groupNamed(deps, ownerName, name);
  if ('kind' in found) return found;
  const named = readMembers(memberNames, deps);
  if (typeof named === 'string') return refused(named);
  const rest = found.members.filter((member) => !named.includes(member));
  return keep(deps, { ...found, members: takeOut ? rest : [...rest, ...named] });
}

/** The owner's group of this name, or why there is none. */
export async function groupNamed(deps: CliDeps, ownerName: string, name: string): Promise<Group | Refused> {
  const found = await groupsOf(deps, ownerName);
  if ('kind' in found) return found;
  const group = found.groups.find((one) => one.name === name.trim());
  const shown = withoutScheme(found.owner);
  return group ?? refused(`${shown} has no group ${name}; porchlight group list ${shown} shows which`);
}

async function groupsOf(
  { store, domains }: CliDeps,
  ownerName: string,
): Promise<Refused | { readonly owner: Aor; readonly groups: readonly Group[] }> {
  const owner = readAccount(ownerName, domains);
  if (owner.kind === 'refused') return owner;
  if ((await store.accounts.find(owner.aor)) === undefined) {
    return refused(`there is no account ${withoutScheme(owner.aor)}`);
  }
  return { owner: owner.aor, groups: await store.groups.of(owner.aor) };
}

async function keep({ store }: CliDeps, group: Group): Promise<Outcome> {
  const { name, members, owner } = group;
  if (name === '' || name.length > MAX_GROUP_NAME_LENGTH || /[\p{Cc}\p{Cf}]/u.test(name)) {
    return refused(`a group is called by 1 to ${MAX_GROUP_NAME_LENGTH} characters`);
  }
  if (members.length > MAX_GROUP_MEMBERS) return refused(`a group is of at most ${MAX_GROUP_MEMBERS} people`);
  switch (await store.groups.set(group)) {
    case 'set':
      return { kind: 'done', lines: [lineOf(group)], value: jsonOf(group) };
    case 'no-account':
      return refused(`there is no account ${withoutScheme(owner)}`);
    case 'name-taken':
      return refused(`${withoutScheme(owner)} has a group ${name}`);
    case 'too-many':
      return refused(`${withoutScheme(owner)} has ${MAX_GROUPS} groups, and no more are kept`);
  }
}

/** @returns who is meant, each once, or what is wrong with one of them. */
function readMembers(names: readonly string[], { domains }: CliDeps): readonly Aor[] | string {
  const members = new Set<Aor>();
  for (const name of names) {
    const read = readWatcher(name, domains);
    if (read.kind === 'refused') return read.why;
    if (!read.subject.startsWith('sip:')) return `'${name}' is not one person: write USER@DOMAIN`;
    members.add(read.subject as string as Aor);
  }
  return [...members];
}

function lineOf({ owner, name, members }: Group): string {
  return `${withoutScheme(owner)}  ${name}  ${members.map(withoutScheme).join(' ')}`.trimEnd();
}

function jsonOf({ owner, name, members }: Group): unknown {
  return { owner: withoutScheme(owner), group: name, members: members.map(withoutScheme) };
}
