/**
 * Levers between the service and its store, for stories of bad days: writes that are slow, that fail, or that fail after
 * they were done; a journal that cannot be read; an account's row changed by hand.
 *
 *     const levers = makeLevers();
 *     house = await openHouse({ wrap: levers.wrap });
 *     levers.publications.after = outcomeUnknown('insert');
 */
import type { Aor } from '#model';
import type { Clock } from '#runtime';
import { type PublicationWrite, type Store, StoreUnavailable, type SubscriptionWrite } from '#store';

export type WriteKind = PublicationWrite['kind'] | SubscriptionWrite['kind'];

/** Called with each write's kind; may wait, or throw. */
export type Lever = (kind: WriteKind) => void | Promise<void>;

export interface WriteLevers {
  /** What is thrown here comes before the write: nothing is written. */
  before: Lever | undefined;
  /** What is thrown here comes after the commit: it is written, and nobody learns of it. */
  after: Lever | undefined;
}

export interface Levers {
  /** For `openHouse`. */
  readonly wrap: (store: Store) => Store;
  readonly publications: WriteLevers;
  readonly subscriptions: WriteLevers;
  /** While true no news of rules and accounts comes in. */
  journalIsAway: boolean;
  /** The row says `disabled` from now on, and no Change tells of it. */
  disableByHand(aor: Aor): void;
}

/** Fails these kinds of writes with {@link StoreUnavailable}; before the write, the database is away. */
export function databaseAway(...kinds: readonly WriteKind[]): Lever {
  return (kind) => {
    if (kinds.includes(kind)) throw new StoreUnavailable('away');
  };
}

/** The same after the write: it is committed, and its outcome cannot be learnt. */
export function outcomeUnknown(...kinds: readonly WriteKind[]): Lever {
  return (kind) => {
    if (kinds.includes(kind)) throw new StoreUnavailable('the outcome could not be learnt');
  };
}

/** Lets these kinds of writes wait. */
export function slow(clock: Clock, delayMs: number, ...kinds: readonly WriteKind[]): Lever {
  return (kind) => (kinds.includes(kind) ? new Promise<void>((resolve) => clock.after(delayMs, resolve)) : undefined);
}

export function makeLevers(): Levers {
  const disabled = new Set<Aor>();
  const gone = (): Promise<never> => Promise.reject(new StoreUnavailable('away'));

  async function pull<Outcome>(levers: WriteLevers, kind: WriteKind, write: () => Promise<Outcome>): Promise<Outcome> {
    await levers.before?.(kind);
    const outcome = await write();
    await levers.after?.(kind);
    return outcome;
  }

  const levers: Levers = {
    publications: { before: undefined, after: undefined },
    subscriptions: { before: undefined, after: undefined },
    journalIsAway: false,
    disableByHand: (aor) => void disabled.add(aor),
    wrap: (store) => ({
      ...store,
      accounts: {
        ...store.accounts,
        async credentials(aors) {
          const found = await store.accounts.credentials(aors);
          return new Map(
            [...found].map(([aor, row]) => [aor, { ...row, disabled: row.disabled || disabled.has(aor) }]),
          );
        },
      },
      journal: {
        ...store.journal,
        after: (...asked) => (levers.journalIsAway ? gone() : store.journal.after(...asked)),
        span: () => (levers.journalIsAway ? gone() : store.journal.span()),
        byId: (...asked) => (levers.journalIsAway ? gone() : store.journal.byId(...asked)),
      },
      publications: {
        ...store.publications,
        write: (write) => pull(levers.publications, write.kind, () => store.publications.write(write)),
      },
      subscriptions: {
        ...store.subscriptions,
        write: (write) => pull(levers.subscriptions, write.kind, () => store.subscriptions.write(write)),
      },
    }),
  };
  return levers;
}
