import { type Aor, type Permission, parentEvent, type Rule, type Subscription, type WaitingSubscription } from '#model';
import { type Decision, decide } from '#policy';
import type { PortalDeps } from './deps.ts';

/** Somebody who watches, or would like to: one per watcher and event package, however many phones they have. */
export interface Watcher {
  readonly aor: Aor;
  readonly event: string;
  readonly decision: Decision;
  /** Since when, epoch ms: the oldest of their subscriptions. */
  readonly since: number;
  /** When the last of them ends unless it is refreshed, epoch ms. */
  readonly expiresAt: number;
  /** What their phones call themselves; empty where they did not say. */
  readonly devices: readonly string[];
  /** They asked, got no answer, and their phone has hung up (RFC 3857 §4.7.1): since when is when they asked. */
  readonly hungUp: boolean;
}

export interface Watching {
  readonly asking: readonly Watcher[];
  readonly watching: readonly Watcher[];
  /** How many there are in all, shown or not. */
  readonly counts: { readonly asking: number; readonly watching: number };
  /** Where the next page of those who watch begins; undefined when this is the last. */
  readonly next: number | undefined;
}

type Needs = Pick<PortalDeps, 'store' | 'clock' | 'defaultPermission'>;

/** So many rows are read and shown at a time, however many watch. */
export const WATCHERS_SHOWN = 50;
const ASKING_SHOWN = 100;

/**
 * Who asks and who watches, by the rules as they are now: the same function that the SIP side asks, so the page is right
 * even in the second before the subscription follows. Those who are refused are on their way out and not shown.
 */
export async function watchingOf(
  owner: Aor,
  deps: Needs,
  { skip = 0, search = '' }: { readonly skip?: number; readonly search?: string } = {},
): Promise<Watching> {
  const { store, clock, defaultPermission } = deps;
  const now = clock.now();
  const [pending, active, waiting, rules, glances] = await Promise.all([
    store.glances.subscriptions(owner, now, { state: 'pending', limit: ASKING_SHOWN, search }),
    store.glances.subscriptions(owner, now, { state: 'active', limit: WATCHERS_SHOWN, skip, search }),
    store.waiting.of(owner, now),
    store.rules.of(owner),
    store.glances.watchers([owner], now),
  ]);
  const live = gather(owner, [...pending, ...active], rules, defaultPermission, now);
  const found = waiting.filter(({ watcher }) => addressMatches(watcher, search));
  const away = hungUp(owner, found, live, rules, defaultPermission, now);
  const watchers = [...live, ...away];
  const { watching = 0, asking = 0 } = glances.get(owner) ?? {};
  return {
    asking: watchers.filter(({ decision }) => decision.permission === 'confirm'),
    watching: watchers.filter(
      ({ decision }) => decision.permission === 'allow' || decision.permission === 'polite-block',
    ),
    counts: { asking: asking + away.length, watching },
    next: active.length === WATCHERS_SHOWN ? skip + WATCHERS_SHOWN : undefined,
  };
}

/** How many people wait for an answer, for the badge on every page; more than a hundred are a hundred. */
export async function howManyAsk(owner: Aor, { store, clock, defaultPermission }: Needs): Promise<number> {
  const now = clock.now();
  const [pending, waiting] = await Promise.all([
    store.glances.subscriptions(owner, now, { state: 'pending', limit: ASKING_SHOWN }),
    store.waiting.of(owner, now),
  ]);
  if (pending.length + waiting.length === 0) return 0;
  const rules = await store.rules.of(owner);
  const live = gather(owner, pending, rules, defaultPermission, now);
  const watchers = [...live, ...hungUp(owner, waiting, live, rules, defaultPermission, now)];
  return watchers.filter(({ decision }) => decision.permission === 'confirm').length;
}

function gather(
  owner: Aor,
  subscriptions: readonly Subscription[],
  rules: readonly Rule[],
  byDefault: Permission,
  now: number,
): Watcher[] {
  const found = new Map<string, Watcher>();
  for (const { watcher, event, createdAt, expiresAt, userAgent } of subscriptions) {
    // The owner's own phones that show this same list.
    if (parentEvent(event) !== undefined) continue;
    const key = `${event} ${watcher}`;
    const known = found.get(key);
    const devices = new Set(known?.devices);
    if (userAgent !== '') devices.add(userAgent);
    found.set(key, {
      aor: watcher,
      event,
      decision: known?.decision ?? decide(rules, owner, watcher, event, byDefault, now),
      since: Math.min(createdAt, known?.since ?? createdAt),
      expiresAt: Math.max(expiresAt, known?.expiresAt ?? expiresAt),
      devices: [...devices],
      hungUp: false,
    });
  }
  return [...found.values()];
}

/** Those who are on the line again meanwhile, or decided about, are left out: their rows follow within a second. */
function hungUp(
  owner: Aor,
  waiting: readonly WaitingSubscription[],
  live: readonly Watcher[],
  rules: readonly Rule[],
  byDefault: Permission,
  now: number,
): Watcher[] {
  const onTheLine = new Set(live.map(({ aor, event }) => `${event} ${aor}`));
  return waiting.flatMap(({ watcher, event, userAgent, askedAt, expiresAt }) => {
    const decision = decide(rules, owner, watcher, event, byDefault, now);
    if (onTheLine.has(`${event} ${watcher}`) || decision.permission !== 'confirm') return [];
    const devices = userAgent === '' ? [] : [userAgent];
    return [{ aor: watcher, event, decision, since: askedAt, expiresAt, devices, hungUp: true }];
  });
}

const addressMatches = (watcher: Aor, search: string): boolean => watcher.includes(search.trim());
