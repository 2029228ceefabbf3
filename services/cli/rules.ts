import {
  canonicalEvent,
  groupOf,
  groupSubject,
  isPermission,
  PERMISSIONS,
  parentEvent,
  type Rule,
  type Subject,
} from '#model';
import { groupNamed } from './groups.ts';
import { type CliDeps, type Outcome, refused } from './outcome.ts';
import { readAccount, readWatcher, type WatcherName, withoutScheme } from './read-account.ts';
import { readInstant } from './read-instant.ts';
import { pagesOfAccounts } from './user-list.ts';

/** When a rule holds, as it was typed; always where neither is there. */
export interface RuleDates {
  readonly from?: string;
  readonly until?: string;
}

/** Adds or replaces one line of an owner's access list, dates and all; live subscriptions follow within a second. */
export async function setRule(
  deps: CliDeps,
  ownerName: string,
  watcherName: string,
  eventName: string,
  permission: string,
  dates: RuleDates = {},
): Promise<Outcome> {
  const owner = readAccount(ownerName, deps.domains);
  if (owner.kind === 'refused') return owner;
  const watcher = await readSubjectOf(deps, ownerName, watcherName);
  if (watcher.kind === 'refused') return watcher;
  const event = canonicalEvent(eventName);
  if (event === undefined) return refused(`'${eventName}' is not the name of an event package`);
  if (parentEvent(event) !== undefined)
    return refused(`who watches somebody is told to nobody else: no rule is about ${event}`);
  if (!isPermission(permission)) return refused(`'${permission}' is not one of ${PERMISSIONS.join(', ')}`);
  const held = readDates(dates);
  if (typeof held === 'string') return refused(held);
  const rule: Rule = { owner: owner.aor, subject: watcher.subject, event, permission, ...held };
  const outcome = await deps.store.rules.set(rule);
  switch (outcome) {
    case 'set':
      return told(deps, [rule], (values) => values[0]);
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
  return told(deps, rules, (values) => values);
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
  const watcher = await readSubjectOf(deps, ownerName, watcherName);
  if (watcher.kind === 'refused') return watcher;
  const event = canonicalEvent(eventName);
  if (event === undefined) return refused(`'${eventName}' is not the name of an event package`);
  const shown = groupOf(watcher.subject) === undefined ? watcher.subject : watcherName.trim();
  const what = `rule of ${withoutScheme(owner.aor)} for ${withoutScheme(shown)}, ${event}`;
  if (!(await deps.store.rules.remove(owner.aor, watcher.subject, event))) return refused(`there is no ${what}`);
  return {
    kind: 'done',
    lines: [`Deleted the ${what}`],
    value: { owner: withoutScheme(owner.aor), watcher: shown, event },
  };
}

const GROUP = 'group:';

/** Whom a rule is about: as everywhere, or `group:NAME`, one of the owner's. */
async function readSubjectOf(deps: CliDeps, ownerName: string, text: string): Promise<WatcherName> {
  if (!text.trim().startsWith(GROUP)) return readWatcher(text, deps.domains);
  const group = await groupNamed(deps, ownerName, text.trim().slice(GROUP.length));
  return 'kind' in group ? group : { kind: 'watcher', subject: groupSubject(group.id) };
}

/** @returns what is wrong with them. */
function readDates({ from, until }: RuleDates): Pick<Rule, 'fromAt' | 'untilAt'> | string {
  const fromAt = from === undefined ? undefined : readInstant(from, 'begins');
  const untilAt = until === undefined ? undefined : readInstant(until, 'ends');
  if (from !== undefined && fromAt === undefined) return notAnInstant(from);
  if (until !== undefined && untilAt === undefined) return notAnInstant(until);
  if (fromAt !== undefined && untilAt !== undefined && fromAt >= untilAt) return 'a rule must begin before it ends';
  return { ...(fromAt === undefined ? {} : { fromAt }), ...(untilAt === undefined ? {} : { untilAt }) };
}

const notAnInstant = (text: string): string => `'${text}' is not a day: write 2026-12-24, 2026-12-24T18:00 or …T18:00Z`;

/** Rules as people and programs read them: groups by their names. */
async function told(
  { store }: CliDeps,
  rules: readonly Rule[],
  shape: (values: readonly unknown[]) => unknown,
): Promise<Outcome> {
  const owners = new Set(rules.filter(({ subject }) => groupOf(subject) !== undefined).map(({ owner }) => owner));
  const names = new Map<string, string>();
  for (const owner of owners) for (const { id, name } of await store.groups.of(owner)) names.set(id, name);
  const whom = (subject: Subject): string => {
    const id = groupOf(subject);
    return id === undefined ? subject : `${GROUP}${names.get(id) ?? id}`;
  };
  return {
    kind: 'done',
    lines: rules.map((rule) => lineOf(rule, whom(rule.subject))),
    value: shape(rules.map((rule) => jsonOf(rule, whom(rule.subject)))),
  };
}

const iso = (at: number): string => new Date(at).toISOString();

function lineOf({ owner, event, permission, fromAt, untilAt }: Rule, whom: string): string {
  const from = fromAt === undefined ? '' : `  from ${iso(fromAt)}`;
  const until = untilAt === undefined ? '' : `  until ${iso(untilAt)}`;
  return `${withoutScheme(owner)}  ${withoutScheme(whom)}  ${event}  ${permission}${from}${until}`;
}

function jsonOf({ owner, event, permission, fromAt, untilAt }: Rule, watcher: string): unknown {
  return {
    owner: withoutScheme(owner),
    watcher,
    event,
    permission,
    ...(fromAt === undefined ? {} : { from: iso(fromAt) }),
    ...(untilAt === undefined ? {} : { until: iso(untilAt) }),
  };
}
