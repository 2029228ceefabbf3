import { fingerprintOf, stateKey, type View } from '#compositor';
import type { AccountAccess } from '#gate';
import {
  type Aor,
  type Permission,
  parentEvent,
  type Subscription,
  statusAfter,
  type WaitingSubscription,
  type Watcher,
  type WatcherEvent,
  winfoOf,
} from '#model';
import type { HostedWatchers, Registry } from '#packages';
import type { Clock, Lanes, Log } from '#runtime';
import type { Bell, Waitings } from '#store';
import { makeDeparted } from './departed.ts';
import { makeWaitingReview, type RuleTurns } from './review.ts';
import { makeWaiting, WAITING_MS } from './waiting.ts';
import type { Watched } from './watched.ts';

/** What the documents of one subscription have said so far; only the package that left it can read it. */
export interface DocumentMemory {
  readonly by: HostedWatchers;
  readonly left: unknown;
}

/** What one phone of the presentity is about to be told. */
export interface Asked {
  readonly presentity: Aor;
  /** `presence.winfo`. */
  readonly event: string;
  readonly contentType: string;
  readonly memory: DocumentMemory | undefined;
  /** See Telling. */
  readonly whole: boolean;
  readonly from: number;
}

/** Of the fingerprint: who watches and how, without spans of time. */
export interface WatcherView extends View {
  readonly memory: DocumentMemory;
}

export interface WatcherRegister {
  /** A subscription began: a question that this watcher had waiting is redundant (RFC 3857 §4.7.1). */
  began(subscription: Subscription): void;
  /** It is approved, or must ask again. */
  turned(watched: Watched): void;
  /**
   * A subscription has ended. One that nobody answered goes on as a question that waits.
   * @param watcher as it stood.
   * @param why as its own watcher is told (RFC 6665 §4.1.3).
   * @returns resolves when the question, if there is one, is committed: until then the subscription's row stands for it.
   */
  left(subscription: Subscription, watcher: Watcher, why: WatcherEvent): Promise<void> | undefined;
  /**
   * The document for one phone, as of now.
   * @returns undefined when the package is not loaded, is not about watchers, or does not write this type.
   * @throws PackageFault when the package failed.
   */
  view(asked: Asked): WatcherView | undefined;
  /** Takes up the questions of the run before, before its subscriptions; @returns how many. */
  restore(): Promise<number>;
  /** What changed while nobody served: to be called when the subscriptions are taken up. */
  lookAtAll(): Promise<void>;
  close(): void;
}

export interface RegisterNeeds {
  readonly registry: Pick<Registry, 'find'>;
  readonly waiting: Pick<Waitings, 'write' | 'all'>;
  readonly access: Pick<AccountAccess, 'account' | 'rules'>;
  readonly byDefault: Permission;
  readonly timetable: RuleTurns;
  readonly bell: Bell;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly log: Log;
  /** The subscriptions that stand, without fetches, which are over before they can be told of (RFC 3857 §4.7.2). */
  readonly standing: (watched: Watched) => Iterable<Watcher>;
  /** Whether the watcher has a subscription to this that stands. */
  readonly asks: (watched: Watched, watcher: Aor) => boolean;
  /** Whether anybody is subscribed to this. */
  readonly isFollowed: (watched: Watched) => boolean;
}

export function makeWatcherRegister(needs: RegisterNeeds): WatcherRegister {
  const { clock } = needs;
  const departed = makeDeparted();
  const waiting = makeWaiting({
    ...needs,
    store: needs.waiting,
    onEnded: (one, why) => depart(one, watcherOf(one), why),
  });
  const review = makeWaitingReview({ ...needs, waiting });
  const unlisten = needs.bell.listen(review.onChange);

  /** Nobody pays for watcher information that nobody asked for. */
  function followersOf({ presentity, event }: Watched): Watched | undefined {
    const followed = { presentity, event: winfoOf(event) };
    return needs.isFollowed(followed) ? followed : undefined;
  }

  function tell({ presentity, event }: Watched): void {
    needs.bell.ring({ kind: 'state', subject: presentity, event });
  }

  function tellFollowers(watched: Watched): void {
    const followed = followersOf(watched);
    if (followed !== undefined) tell(followed);
  }

  function depart(watched: Watched, watcher: Watcher, why: WatcherEvent): void {
    const followed = followersOf(watched);
    if (followed === undefined) return;
    const ended: Watcher = { ...watcher, status: 'terminated', event: why, expiresAt: undefined };
    departed.add(stateKey(watched.presentity, watched.event), ended);
    tell(followed);
  }

  return {
    began(subscription) {
      waiting.replaced(subscription, subscription.watcher);
      tellFollowers(subscription);
    },
    turned: tellFollowers,
    left(subscription, watcher, why) {
      if (statusAfter(watcher.status, why) !== 'waiting') {
        depart(subscription, watcher, why);
        return undefined;
      }
      // Another phone of the same person still asks: one question is enough.
      if (needs.asks(subscription, watcher.aor)) {
        depart(subscription, watcher, 'giveup');
        return undefined;
      }
      const { id, presentity, event, userAgent, createdAt } = subscription;
      const expiresAt = clock.now() + WAITING_MS;
      const kept = waiting.keep({
        id,
        presentity,
        event,
        watcher: watcher.aor,
        userAgent,
        askedAt: createdAt,
        expiresAt,
      });
      tellFollowers(subscription);
      return kept;
    },
    view({ presentity, event, contentType, memory, whole, from }) {
      const eventPackage = needs.registry.find(event);
      const parent = parentEvent(event);
      if (eventPackage?.feed !== 'watchers' || parent === undefined) return undefined;
      if (!eventPackage.formats.includes(contentType)) return undefined;
      const watched = { presentity, event: parent };
      const watchers = [
        ...departed.of(stateKey(presentity, parent)),
        ...waiting.book.of(watched).map(watcherOf),
        ...needs.standing(watched),
      ];
      // A package that was loaded anew cannot read what the one before it left.
      const before = memory?.by === eventPackage ? memory.left : undefined;
      const told = eventPackage.tell(presentity, watchers, contentType, {
        memory: before,
        whole,
        from,
        now: clock.now(),
      });
      return {
        body: told.body,
        contentType,
        fingerprint: fingerprintOf(contentType, told.essence),
        memory: { by: eventPackage, left: told.memory },
      };
    },
    restore: () => waiting.restore(),
    async lookAtAll() {
      // A crash between two commits can leave both a question and the subscription that made it redundant.
      for (const one of waiting.book.all()) if (needs.asks(one, one.watcher)) waiting.end(one, 'giveup');
      await review.lookAtAll();
    },
    close() {
      unlisten();
      review.close();
      waiting.close();
    },
  };
}

function watcherOf({ id, watcher, askedAt }: WaitingSubscription): Watcher {
  return { id, aor: watcher, status: 'waiting', event: 'timeout', since: askedAt, expiresAt: undefined };
}
