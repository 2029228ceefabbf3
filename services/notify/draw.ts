import type { Compositor, View } from '#compositor';
import type { AccountAccess, AccountState, FindNeeds } from '#gate';
import { type Permission, parentEvent, type Rule } from '#model';
import { decide } from '#policy';
import type { Clock, Log } from '#runtime';
import type { WatcherRegister } from '#watchers';
import type { Drawing, Live, Wish } from './live.ts';
import type { RuleTimetable } from './timetable.ts';

export interface DrawNeeds {
  readonly access: Pick<AccountAccess, 'account' | 'rules'>;
  readonly compositor: Compositor;
  readonly register: WatcherRegister;
  /** What watchers get for whom no rule speaks. */
  readonly byDefault: Permission;
  /** Rules with dates turn by themselves; see timetable.ts. */
  readonly timetable: Pick<RuleTimetable, 'note'>;
  readonly clock: Clock;
  readonly needsOf: FindNeeds;
  readonly log: Log;
}

/**
 * What a watcher is told now. Accounts and rules are asked anew for each NOTIFY, so that no document is ever made on an
 * old permission. At once when they are at hand, else a promise; throws StoreUnavailable when they cannot be had, and then
 * nothing that carries state may be sent.
 */
export type Draw = (live: Live, wish: Wish) => Drawing | Promise<Drawing>;

export function makeDraw(needs: DrawNeeds): Draw {
  return function draw(live, wish) {
    const { presentity, watcher } = live.subscription;
    const owner = needs.access.account(presentity);
    const asker = needs.access.account(watcher);
    const rules = needs.access.rules(presentity);
    if (owner instanceof Promise || asker instanceof Promise || rules instanceof Promise) {
      return Promise.all([owner, asker, rules]).then((found) => drawWith(needs, live, wish, ...found));
    }
    return drawWith(needs, live, wish, owner, asker, rules);
  };
}

/** An account that is gone or disabled watches nobody, and there is nothing to watch of it (RFC 6665 §4.1.3). */
function drawWith(
  needs: DrawNeeds,
  live: Live,
  wish: Wish,
  owner: AccountState | undefined,
  asker: AccountState | undefined,
  rules: readonly Rule[],
): Drawing {
  const { presentity, watcher, event } = live.subscription;
  if (owner === undefined || owner.disabled) return bare('terminated', 'block', 'noresource');
  if (asker === undefined || asker.disabled) return bare('terminated', 'block', 'rejected');
  const now = needs.clock.now();
  needs.timetable.note(presentity, rules, now);
  const { permission } = decide(rules, presentity, watcher, event, needs.byDefault, now);
  switch (permission) {
    case 'block':
      return bare('terminated', permission, 'rejected');
    case 'confirm':
      return live.ending === undefined ? pending(needs, live) : ended(live, permission);
    case 'polite-block':
    case 'allow':
      return live.ending?.withState === false ? ended(live, permission) : withState(needs, live, wish, permission);
  }
}

function withState(needs: DrawNeeds, live: Live, wish: Wish, permission: 'allow' | 'polite-block'): Drawing {
  const { presentity, event, contentType } = live.subscription;
  const last = live.ending === undefined ? bare('active', permission) : ended(live, permission);
  try {
    if (parentEvent(event) !== undefined) return withWatchers(needs, live, wish, last);
    const view = needs.compositor.view(presentity, event, permission, contentType);
    return view === undefined ? onProbation(live, permission) : carrying(last, view);
  } catch (fault) {
    // A faulty package costs its document, not the subscription.
    needs.log.error({ event, presentity, fault: String(fault) }, 'the event package made no document');
    return last;
  }
}

/** Whole where the watcher asked for it or may have missed something, else what changed (RFC 3857 §4.7.2). */
function withWatchers({ register }: DrawNeeds, live: Live, wish: Wish, last: Drawing): Drawing {
  const { presentity, event, contentType } = live.subscription;
  const whole = wish === 'request' || live.missed;
  // No document of this subscription, of an earlier run either, can have had a number from here on: each took a CSeq.
  const from = live.nextCseq - 1;
  const view = register.view({ presentity, event, contentType, memory: live.memory, whole, from });
  if (view === undefined) return onProbation(live, last.permission);
  return { ...carrying(last, view), memory: view.memory };
}

function carrying({ state, reason, permission, fingerprint }: Drawing, view: View): Drawing {
  const { body, contentType } = view;
  // Nearly all that is told is of this kind, and each watcher keeps what it was told: the view's own text costs nothing.
  const said = state === 'active' ? view.fingerprint : fingerprint + view.fingerprint;
  const drawing = { state, permission, body, contentType, fingerprint: said };
  return reason === undefined ? drawing : { ...drawing, reason };
}

/** RFC 3856 §6.7: no document, or for clients that cannot do without the one that tells nothing. */
function pending(needs: DrawNeeds, live: Live): Drawing {
  const { presentity, event, contentType, userAgent } = live.subscription;
  const nothing = bare('pending', 'confirm');
  if (!needs.needsOf(userAgent).bodyWhilePending) return nothing;
  try {
    const view = needs.compositor.neutral(presentity, event, contentType);
    return view === undefined ? nothing : { ...nothing, body: view.body, contentType };
  } catch (fault) {
    needs.log.error({ event, presentity, fault: String(fault) }, 'the event package made no document');
    return nothing;
  }
}

/** The package is not loaded now, and may be again: whoever comes back too early is told 489 with what is loaded. */
function onProbation({ subscription }: Live, permission: Permission): Drawing {
  return {
    ...bare('terminated', permission, 'probation'),
    retryAfter: BACK_AFTER + spread(subscription.id, BACK_AFTER),
  };
}

/** Seconds. All watchers of a package are told at the same moment, and must not come back at the same moment. */
const BACK_AFTER = 300;

/** A number below `under` that a subscription always has, and others seldom. */
function spread(id: string, under: number): number {
  let sum = 0;
  for (let index = 0; index < id.length; index += 1) sum = (sum * 31 + id.charCodeAt(index)) % 65_521;
  return sum % under;
}

function ended(live: Live, permission: Permission): Drawing {
  return bare('terminated', permission, live.ending?.reason ?? 'timeout');
}

/** Fingerprints: nothing but the state was told. */
const NO_BODY: Readonly<Record<Drawing['state'], string>> = { pending: 'p:', active: 'a:', terminated: 't:' };

function bare(state: Drawing['state'], permission: Permission, reason?: Drawing['reason']): Drawing {
  const drawing = { state, permission, body: undefined, contentType: '', fingerprint: NO_BODY[state] };
  return reason === undefined ? drawing : { ...drawing, reason };
}
