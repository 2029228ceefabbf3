import type { Aor } from '#model';

/** How many subscriptions and unanswered fetches one account may have at a time: an account cannot fill the memory. */
export const MAX_SUBSCRIPTIONS = 2000;

/** Counts those that are being committed beside those that are: many at once get past no more than one by one. */
export interface Quota {
  /** @returns false when the account has enough. */
  take(watcher: Aor): boolean;
  giveBack(watcher: Aor): void;
}

export function makeQuota(kept: (watcher: Aor) => number, most = MAX_SUBSCRIPTIONS): Quota {
  const underWay = new Map<Aor, number>();
  return {
    take(watcher) {
      const mine = underWay.get(watcher) ?? 0;
      if (kept(watcher) + mine >= most) return false;
      underWay.set(watcher, mine + 1);
      return true;
    },
    giveBack(watcher) {
      const left = (underWay.get(watcher) ?? 0) - 1;
      if (left > 0) underWay.set(watcher, left);
      else underWay.delete(watcher);
    },
  };
}
