import { canonicalEvent, isPermission, PERMISSIONS, parentEvent, type Rule } from '#model';
import { type CliDeps, type Outcome, refused } from './outcome.ts';
import { readAccount, readWatcher, withoutScheme } from './read-account.ts';
import { pagesOfAccounts } from './user-list.ts';

/** Adds or replaces one line of an owner's access list; live subscriptions follow within a second. */
export async function setRule(
  deps: CliDeps,
  ownerName: string,
  watcherName: string,
  eventName: string,
  permission: string,
): Promise<Outcome> {
  const owner = readAccount(ownerName, deps.domains);
  if (owner.kind === 'refused') return owner;
  const watcher = readWatcher(watcherName, deps.domains);
  if (watcher.kind === 'refused') return watcher;
  const event = canonicalEvent(eventName);
  if (event === undefined) return refused(`'${eventName}' is not the name of an event package`);
  if (parentEvent(event) !== undefined)
    return refused(`who watches somebody is told to nobody else: no rule is about ${event}`);
  if (!isPermission(permission)) return refused(`'${permission}' is not one of ${PERMISSIONS.join(', ')}`);
  const rule: Rule = { owner: owner.aor, subject: watcher.subject, event, permission };
  const outcome = await deps.store.rules.set(rule);
  switch (outcome) {
    case 'set':
      return { kind: 'done', lines: [lineOf(rule)], value: jsonOf(rule) };
    case 'no-account':
      return refused(`there is no account ${withoutScheme(owner.aor)}`);
    case 'no-event':
      return refused(`there is no event package '${event}'; porchlight package list shows which there are`);
  }
}

/** The rules of one owner, or of everybody. */
export async function listRules(deps: CliDeps, ownerName?: string): Promise<Outcome> {
  const rules: Rule[] = [];
  if (ownerName === undefined) {
    for await (const page of pagesOfAccounts(deps)) {
      const found = await deps.store.rules.ofMany(page.map(({ aor }) => aor));
      for (const { aor } of page) rules.push(...(found.get(aor) ?? []));
    }
  } else {
    const owner = readAccount(ownerName, deps.domains);
    if (owner.kind === 'refused') return owner;
    if ((await deps.store.accounts.find(owner.aor)) === undefined) {
      return refused(`there is no account ${withoutScheme(owner.aor)}`);
    }
    rules.push(...(await deps.store.rules.of(owner.aor)));
  }
  return { kind: 'done', lines: rules.map(lineOf), value: rules.map(jsonOf) };
}

/** Takes one line out of an owner's access list; the next wider rule, or the default, speaks from then on. */
export async function deleteRule(
  deps: CliDeps,
  ownerName: string,
  watcherName: string,
  eventName: string,
): Promise<Outcome> {
  const owner = readAccount(ownerName, deps.domains);
  if (owner.kind === 'refused') return owner;
  const watcher = readWatcher(watcherName, deps.domains);
  if (watcher.kind === 'refused') return watcher;
  const event = canonicalEvent(eventName);
  if (event === undefined) return refused(`'${eventName}' is not the name of an event package`);
  const what = `rule of ${withoutScheme(owner.aor)} for ${withoutScheme(watcher.subject)}, ${event}`;
  if (!(await deps.store.rules.remove(owner.aor, watcher.subject, event))) return refused(`there is no ${what}`);
  return {
    kind: 'done',
    lines: [`Deleted the ${what}`],
    value: { owner: withoutScheme(owner.aor), watcher: watcher.subject, event },
  };
}

function lineOf({ owner, subject, event, permission }: Rule): string {
  return `${withoutScheme(owner)}  ${withoutScheme(subject)}  ${event}  ${permission}`;
}

function jsonOf({ owner, subject, event, permission }: Rule): unknown {
  return { owner: withoutScheme(owner), watcher: subject, event, permission };
}
