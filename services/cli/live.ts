import type { Aor, Change, Publication, Subscription, WaitingSubscription } from '#model';
import { pause } from '#runtime';
import { type CliDeps, type Outcome, refused } from './outcome.ts';
import { readAccount, withoutScheme } from './read-account.ts';

/** The SIP service looks at the journal five times a second; after this long it is away. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 100;

export interface SubscriptionFilter {
  /** Whose watchers. */
  readonly of?: string;
  /** What this account watches. */
  readonly watcher?: string;
}

/** Who watches whom now, and who waits for an answer without a subscription, in order of presentity and age. */
export async function listSubscriptions(deps: CliDeps, filter: SubscriptionFilter): Promise<Outcome> {
  const of = filter.of === undefined ? undefined : readAccount(filter.of, deps.domains);
  if (of?.kind === 'refused') return of;
  const watcher = filter.watcher === undefined ? undefined : readAccount(filter.watcher, deps.domains);
  if (watcher?.kind === 'refused') return watcher;
  const now = deps.clock.now();
  const found: Listed[] = [];
  const { subscriptions, waiting } = deps.store;
  for await (const page of of === undefined ? subscriptions.all() : one(subscriptions.of(of.aor, now)))
    found.push(...page.map(asListed));
  for await (const page of of === undefined ? waiting.all() : one(waiting.of(of.aor, now)))
    found.push(...page.map(waitingAsListed));
  const rows = found
    .filter((row) => row.expiresAt > now && (watcher === undefined || row.watcher === watcher.aor))
    .sort((row, other) => compare(row.presentity, other.presentity) || row.createdAt - other.createdAt);
  return {
    kind: 'done',
    lines: rows.map(
      (row) =>
        `${row.id}  ${withoutScheme(row.watcher)} → ${withoutScheme(row.presentity)}  ${row.event}  ${row.state}  ${row.permission}  ${secondsLeft(row, now)} s`,
    ),
    value: rows.map((row) => ({
      id: row.id,
      presentity: withoutScheme(row.presentity),
      watcher: withoutScheme(row.watcher),
      event: row.event,
      state: row.state,
      permission: row.permission,
      createdAt: new Date(row.createdAt).toISOString(),
      expiresAt: new Date(row.expiresAt).toISOString(),
      userAgent: row.userAgent,
      contact: row.contact,
    })),
  };
}

/** A row as it is listed, with a subscription behind it or only the question that one left (RFC 3857 §4.7.1). */
interface Listed extends Pick<Subscription, 'id' | 'presentity' | 'watcher' | 'event' | 'userAgent' | 'permission'> {
  readonly state: Subscription['state'] | 'waiting';
  readonly createdAt: number;
  readonly expiresAt: number;
  /** '' where there is no phone any more. */
  readonly contact: string;
}

function asListed(row: Subscription): Listed {
  return { ...row, contact: row.dialog.remoteTarget };
}

function waitingAsListed(row: WaitingSubscription): Listed {
  return { ...row, state: 'waiting', permission: 'confirm', createdAt: row.askedAt, contact: '' };
}

async function* one<T>(page: Promise<T>): AsyncGenerator<T> {
  yield await page;
}

/** What is published now; never the documents themselves. */
export async function listPublications(deps: CliDeps, name?: string): Promise<Outcome> {
  const of = name === undefined ? undefined : readAccount(name, deps.domains);
  if (of?.kind === 'refused') return of;
  const now = deps.clock.now();
  const found: Publication[] = [];
  if (of !== undefined) found.push(...(await deps.store.publications.of(of.aor, now)));
  else {
    for await (const page of deps.store.publications.all()) {
      for (const row of page) if (row.expiresAt > now) found.push({ ...row, body: row.body.slice(0, 0) });
    }
  }
  found.sort((one, other) => compare(one.presentity, other.presentity) || one.modifiedAt - other.modifiedAt);
  return {
    kind: 'done',
    lines: found.map(
      (row) =>
        `${row.id}  ${withoutScheme(row.presentity)}  ${row.event}  ${row.contentType}  ${secondsLeft(row, now)} s  ${row.userAgent}`,
    ),
    value: found.map((row) => ({
      id: row.id,
      presentity: withoutScheme(row.presentity),
      event: row.event,
      contentType: row.contentType,
      modifiedAt: new Date(row.modifiedAt).toISOString(),
      expiresAt: new Date(row.expiresAt).toISOString(),
      userAgent: row.userAgent,
    })),
  };
}

/**
 * RFC 6665 §4.1.3: the watcher is told `deactivated`, and may subscribe anew: to keep it out, set a rule. A question that
 * waits is given up (RFC 3857 §4.7.1).
 */
export async function endSubscription(deps: CliDeps, id: string): Promise<Outcome> {
  const { subscriptions, waiting } = deps.store;
  const find = async (): Promise<Subscription | WaitingSubscription | undefined> =>
    (await subscriptions.find(id)) ?? (await waiting.find(id));
  const row = await find();
  if (row === undefined) return refused(`there is no subscription ${id}; see porchlight subscription list`);
  return order(deps, { kind: 'subscription', subject: row.presentity, id }, async () => !(await find()));
}

/** Watchers see the state without it; the device learns at its next refresh, and publishes anew. */
export async function removePublication(deps: CliDeps, id: string): Promise<Outcome> {
  const { publications } = deps.store;
  const row = await publications.find(id);
  if (row === undefined) return refused(`there is no publication ${id}; see porchlight publication list`);
  return order(deps, { kind: 'publication', subject: row.presentity, id }, async () => !(await publications.find(id)));
}

/** Asks the SIP service by a row of the journal, and waits until it has done it: nobody else may touch these rows. */
async function order(
  { store, clock, isGone }: CliDeps,
  change: Extract<Change, { readonly kind: 'subscription' | 'publication' }>,
  isDone: () => Promise<boolean>,
): Promise<Outcome> {
  const lease = await store.leases.read('sip');
  if (lease === undefined || isGone(lease)) {
    return refused(`the SIP service does not run, and only it can end a ${change.kind}: start it first`);
  }
  await store.journal.append([change], clock.now());
  for (const until = clock.now() + PATIENCE_MS; clock.now() < until; ) {
    await pause(clock, LOOK_MS);
    if (await isDone()) return done(change.kind, change.id, change.subject);
  }
  const why = `the SIP service was asked to end the ${change.kind}, but has not done so within ${PATIENCE_MS / 1000} s`;
  return { kind: 'partly', lines: [why], value: { id: change.id, ended: false } };
}

function done(what: 'subscription' | 'publication', id: string, presentity: Aor): Outcome {
  const verb = what === 'subscription' ? 'Ended' : 'Removed';
  return {
    kind: 'done',
    lines: [`${verb} the ${what} ${id} of ${withoutScheme(presentity)}`],
    value: { id, ended: true },
  };
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function secondsLeft({ expiresAt }: { readonly expiresAt: number }, now: number): number {
  return Math.ceil((expiresAt - now) / 1000);
}
