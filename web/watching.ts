import type { Aor, Permission, Rule, Subscription } from '#model';
import { type Decision, decide } from '#policy';
import type { PortalDeps } from './deps.ts';

/** Somebody who watches, or would like to: one per watcher and event package, however many phones they have. */
export interface Watcher {
  readonly aor: Aor;
  readonly event: string;
  readonly decision: Decision;
  /** Since when, epoch ms: the oldest of their subscriptions. */
  readonly since: number;
  /** What their phones call themselves; empty where they did not say. */
  readonly devices: readonly string[];
}

export interface Watching {
  readonly asking: readonly Watcher[];
  readonly watching: readonly Watcher[];
}

/**
 * Who asks and who watches, by the rules as they are now: the same function that the SIP side asks, so the page is right
 * even in the second before the subscription follows. Those who are refused are on their way out and not shown.
 */
export async function watchingOf(
  owner: Aor,
  { store, clock, defaultPermission }: Pick<PortalDeps, 'store' | 'clock' | 'defaultPermission'>,
): Promise<Watching> {
  const now = clock.now();
  const [subscriptions, rules] = await Promise.all([store.subscriptions.of(owner, now), store.rules.of(owner)]);
  const watchers = gather(owner, subscriptions, rules, defaultPermission, now);
  return {
    asking: watchers.filter(({ decision }) => decision.permission === 'confirm'),
    watching: watchers.filter(
      ({ decision }) => decision.permission === 'allow' || decision.permission === 'polite-block',
    ),
  };
}

function gather(
  owner: Aor,
  subscriptions: readonly Subscription[],
  rules: readonly Rule[],
  byDefault: Permission,
  now: number,
): Watcher[] {
  const found = new Map<string, Watcher>();
  for (const { watcher, event, createdAt, userAgent } of subscriptions) {
    const key = `${event} ${watcher}`;
    const known = found.get(key);
    const devices = new Set(known?.devices);
    if (userAgent !== '') devices.add(userAgent);
    found.set(key, {
      aor: watcher,
      event,
      decision: known?.decision ?? decide(rules, owner, watcher, event, byDefault, now),
      since: Math.min(createdAt, known?.since ?? createdAt),
      devices: [...devices],
    });
  }
  return [...found.values()];
}
