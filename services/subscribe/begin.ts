import type { Authenticated, ExpiryGranted, PackageFound, ResourceNamed } from '#gate';
import { clip, type Subscription } from '#model';
import { type Amend, CSEQ_BLOCK, type Live, makeLive, type SubscriptionExpiry, type WatchBook } from '#notify';
import { type Clock, detached, makeOnce, type Random } from '#runtime';
import { detachedDialog, type Incoming, type Refusal, refuse, uasDialog, writeFlow } from '#sip';
import { StoreUnavailable, type Subscriptions, type WriteOutcome } from '#store';
import type { WatcherRegister } from '#watchers';
import type { PolicyAsked } from './ask-policy.ts';
import type { BodyChosen } from './choose-body.ts';
import { makeQuota } from './quota.ts';

export interface Begun {
  readonly live: Live;
}

export interface BeginNeeds {
  readonly subscriptions: Pick<Subscriptions, 'write'>;
  readonly watchBook: WatchBook;
  readonly expiry: SubscriptionExpiry;
  readonly amend: Amend;
  readonly register: WatcherRegister;
  readonly clock: Clock;
  readonly random: Random;
}

type Known = Incoming & Authenticated & ResourceNamed & PackageFound & BodyChosen & ExpiryGranted & PolicyAsked;

/** Texts. */
const MOST_ALIKE = 1000;

/** The longest `id` parameter, Call-ID, tag and URI that we keep, in characters (column lengths). */
const LONGEST = { eventId: 255, callId: 255, tag: 128, uri: 512, target: 1024 };

/**
 * Makes the dialog (RFC 3261 §12.1.1) and commits the subscription, also when nothing is known of the presentity yet. A
 * fetch (RFC 6665 §4.4.3, Expires 0) makes a dialog for its one NOTIFY and keeps nothing.
 */
export function makeBegin(needs: BeginNeeds) {
  const { watchBook, clock, random } = needs;
  const quota = makeQuota(watchBook.countBy);
  /** Clients are of few kinds, and many come by the same proxy. */
  const once = makeOnce(MOST_ALIKE);

  return async function begin(known: Known): Promise<Begun | Refusal> {
    const subscription = newSubscription(known);
    if (subscription === undefined) return refuse(400, [], 'Missing Or Too Long Contact');
    if (!quota.take(known.identity)) return refuse(403, [], 'Too Many Subscriptions');
    try {
      return known.expires === 0 ? enter(makeLive(subscription, 1, false)) : await keep(subscription);
    } finally {
      quota.giveBack(known.identity);
    }
  };

  async function keep(subscription: Subscription): Promise<Begun | Refusal> {
    const live = makeLive(subscription, 1);
    const outcome = await insert(live);
    if (outcome !== 'written') return refuse(400, [], 'Subscription Cannot Be Kept');
    needs.expiry.watch(subscription);
    const begun = enter(live);
    needs.register.began(subscription);
    return begun;
  }

  /** The watcher is told 503 and knows of no dialog: a row that may have been committed all the same goes again. */
  async function insert(live: Live): Promise<WriteOutcome> {
    try {
      return await needs.subscriptions.write({ kind: 'insert', subscription: live.subscription });
    } catch (fault) {
      if (fault instanceof StoreUnavailable) needs.amend.remove(live);
      throw fault;
    }
  }

  /** From here on a review finds it; the first NOTIFY asks the rules again, for what changed until now. */
  function enter(live: Live): Begun {
    watchBook.add(live);
    return { live };
  }

  function newSubscription(known: Known): Subscription | undefined {
    const { request, eventPackage, permission } = known;
    const cutOut = uasDialog(request, random.token(12), writeFlow(known.flow));
    if (cutOut === undefined || known.eventId.length > LONGEST.eventId || isTooLong(cutOut)) return undefined;
    const { presentity, identity: watcher } = known;
    const alike = { localUri: presentity, remoteUri: watcher, flow: once(cutOut.flow) };
    const dialog = detachedDialog(cutOut, alike);
    const now = clock.now();
    return {
      id: random.token(22),
      presentity,
      event: eventPackage.name,
      eventId: detached(known.eventId),
      watcher,
      state: permission === 'confirm' ? 'pending' : 'active',
      permission,
      cause: 'subscribe',
      contentType: known.contentType ?? eventPackage.formats[0] ?? '',
      expiresAt: now + known.expires * 1000,
      createdAt: now,
      userAgent: once(clip(request.headers.get('user-agent') ?? '', 128)),
      dialog,
      reservedCseq: CSEQ_BLOCK,
      told: '',
    };
  }
}

function isTooLong(dialog: Subscription['dialog']): boolean {
  return (
    dialog.callId.length > LONGEST.callId ||
    dialog.remoteTag.length > LONGEST.tag ||
    dialog.localUri.length > LONGEST.uri ||
    dialog.remoteUri.length > LONGEST.uri ||
    dialog.remoteTarget.length > LONGEST.target
  );
}
