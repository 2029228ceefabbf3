/**
 * WHAT EVERY REQUEST ASKS, WITHOUT ASKING THE DATABASE. Credentials and rules, read once, in batches, and dropped when a
 * Change says *look again*. Never an answer from before a Change that was already heard, and none at all while the
 * journal's tail is not fresh: then reads throw StoreUnavailable and the caller answers 503.
 */
import type { Aor, Change, Rule } from '#model';
import type { Clock } from '#runtime';
import type { Secrets } from '../secrets.ts';
import { type Algorithm, type Store, StoreUnavailable } from '../store.ts';
import { makeOpen, type OpenCredentials } from './open-credentials.ts';
import { makeReadThrough, type ReadThrough } from './read-through.ts';

export type { OpenCredentials } from './open-credentials.ts';

export interface CachedAccess {
  /** The value itself when it is cached, undefined when there is no such account. @throws StoreUnavailable */
  credentials(aor: Aor, algorithm: Algorithm): OpenCredentials | undefined | Promise<OpenCredentials | undefined>;
  /** The same account, by whichever algorithm it is known. @throws StoreUnavailable */
  account(aor: Aor): Pick<OpenCredentials, 'aor' | 'disabled'> | undefined | Promise<OpenCredentials | undefined>;
  /**
   * All rules of the owner. @throws StoreUnavailable
   *
   * A rule may change while the caller writes what it decided: whoever begins something that lasts asks again once it is
   * in its book, where the review of the next Change will find it.
   */
  rules(owner: Aor): readonly Rule[] | Promise<readonly Rule[]>;
  /** To be called for every Change that is heard. */
  look(change: Change): void;
  /** How many accounts and owners are kept. */
  readonly size: number;
}

export interface CachedAccessOptions {
  readonly store: {
    readonly accounts: Pick<Store['accounts'], 'credentials'>;
    readonly rules: Pick<Store['rules'], 'ofMany'>;
  };
  readonly secrets: Pick<Secrets, 'openHa1'>;
  readonly clock: Clock;
  /** Whether changes are being heard, see {@link Tail.isFresh}. */
  readonly isFresh: () => boolean;
  /** The algorithm that most phones are challenged with; MD5 when absent. */
  readonly usual?: Algorithm;
  /** Of accounts and rule lists together, half for each, and by each algorithm; the least recently used go first. */
  readonly maxEntries?: number;
  /** Keys in one read. */
  readonly maxBatch?: number;
  /** How long an unknown account stays unknown without asking; a Change about it ends that at once. */
  readonly unknownForMs?: number;
  readonly maxUnknown?: number;
  /** Keys of a kind that may wait for the database at a time. */
  readonly maxPending?: number;
}

const NO_RULES: readonly Rule[] = [];

export function makeCachedAccess(options: CachedAccessOptions): CachedAccess {
  const { store, secrets, clock, isFresh, usual = 'MD5', maxEntries = 300_000, maxBatch = 256 } = options;
  const { unknownForMs: absentForMs = 5_000, maxUnknown: maxAbsent = 10_000, maxPending = 20_000 } = options;
  const bounds = { clock, maxEntries: Math.max(1, maxEntries >> 1), maxBatch, absentForMs, maxAbsent, maxPending };

  const open = makeOpen(secrets);
  const accountsBy = (algorithm: Algorithm): ReadThrough<Aor, OpenCredentials> =>
    makeReadThrough({
      ...bounds,
      async read(aors) {
        const opened = new Map<Aor, OpenCredentials>();
        for (const [aor, found] of await store.accounts.credentials(aors, algorithm)) opened.set(aor, open(aor, found));
        return opened;
      },
    });
  /** Others than the usual one when the first phone asks for it: a phone answers by one algorithm. */
  const byAlgorithm = new Map([[usual, accountsBy(usual)]]);
  const accounts = byAlgorithm.get(usual) as ReadThrough<Aor, OpenCredentials>;
  const ruleLists = makeReadThrough<Aor, readonly Rule[]>({
    ...bounds,
    async read(owners) {
      const lists = new Map<Aor, readonly Rule[]>();
      // Most owners have none: one empty list is enough for all of them.
      for (const [owner, rules] of await store.rules.ofMany(owners))
        lists.set(owner, rules.length === 0 ? NO_RULES : rules);
      return lists;
    },
  });

  function credentialsBy(algorithm: Algorithm): ReadThrough<Aor, OpenCredentials> {
    const known = byAlgorithm.get(algorithm);
    if (known !== undefined) return known;
    const made = accountsBy(algorithm);
    byAlgorithm.set(algorithm, made);
    return made;
  }

  function mustBeFresh(): void {
    if (!isFresh()) throw new StoreUnavailable('changes are not being heard: what is cached cannot be trusted');
  }

  return {
    credentials(aor, algorithm) {
      mustBeFresh();
      return credentialsBy(algorithm).get(aor);
    },
    account(aor) {
      mustBeFresh();
      for (const kept of byAlgorithm.values()) {
        const account = kept.known(aor);
        if (account !== undefined) return account;
      }
      return accounts.get(aor);
    },
    rules(owner) {
      mustBeFresh();
      const found = ruleLists.get(owner);
      return found instanceof Promise ? found.then((rules) => rules ?? NO_RULES) : (found ?? NO_RULES);
    },
    look(change) {
      switch (change.kind) {
        case 'rules':
          ruleLists.drop(change.subject as Aor);
          return;
        case 'account':
          // An account that goes takes its rules along.
          for (const kept of byAlgorithm.values()) kept.drop(change.subject as Aor);
          ruleLists.drop(change.subject as Aor);
          return;
        case 'everything':
          for (const kept of byAlgorithm.values()) kept.dropAll();
          ruleLists.dropAll();
          return;
        case 'state':
        case 'subscription':
        case 'publication':
        case 'published':
        case 'preferences':
        case 'sightings':
        case 'packages':
        case 'reload':
          return;
        default:
          change satisfies never;
      }
    },
    get size() {
      return Array.from(byAlgorithm.values(), ({ size }) => size).reduce((sum, size) => sum + size, ruleLists.size);
    },
  };
}
