import {
  type AccountAccess,
  type AuthenticateNeeds,
  type FindNeeds,
  makeAuthenticate,
  makeFindPackage,
  makeFindResource,
  makeGrantRequestExpiry,
  makeNameResource,
  makeReceive,
  type Rates,
  refuseExtensions,
  walk,
} from '#gate';
import type { Domains, Permission } from '#model';
import type { Amend, Desk, SubscriptionExpiry, WatchBook } from '#notify';
import type { Registry } from '#packages';
import type { Clock, Log, Random } from '#runtime';
import type { Endpoint, Incoming } from '#sip';
import type { Subscriptions } from '#store';
import type { WatcherRegister } from '#watchers';
import { makeAnswerSubscribe } from './answer.ts';
import { makeAskPolicy } from './ask-policy.ts';
import { makeBegin } from './begin.ts';
import { checkOrder } from './check-order.ts';
import { chooseBody } from './choose-body.ts';
import { makeMatchIdentity } from './match-identity.ts';
import { makeMatchSubscription } from './match-subscription.ts';
import { makeOwnerOnly } from './owner-only.ts';
import { makeReadTogether } from './read-together.ts';
import { makeRefresh } from './refresh.ts';
import { refuseBody } from './refuse-body.ts';
import { refuseSharing } from './refuse-sharing.ts';
import { sameWatcher } from './same-watcher.ts';

export interface SubscribeNeeds extends AuthenticateNeeds {
  readonly rates: Rates;
  readonly needsOf: FindNeeds;
  readonly registry: Registry;
  readonly access: AccountAccess;
  readonly domains: Domains;
  readonly byDefault: Permission;
  readonly watchBook: WatchBook;
  readonly desk: Desk;
  readonly amend: Amend;
  readonly register: WatcherRegister;
  readonly expiry: SubscriptionExpiry;
  readonly endpoint: Endpoint;
  readonly subscriptions: Pick<Subscriptions, 'write'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The two tables, and the choice between them: a To tag says that the request belongs to a dialog. */
export function makeSubscribe(needs: SubscribeNeeds): (incoming: Incoming) => void | Promise<void> {
  const initial = walk<Incoming>()
    .step(refuseExtensions)
    .step(makeFindPackage(needs.registry))
    .step(needs.rates.admitSource)
    .step(makeAuthenticate(needs))
    .step(needs.rates.admitAccount)
    .step(makeMatchIdentity(needs.domains))
    .step(makeNameResource(needs))
    .step(makeOwnerOnly(needs.watchBook))
    .step(makeReadTogether(needs.access))
    .step(makeFindResource(needs.access, needs.byDefault === 'block' ? 403 : 404))
    .step(makeAskPolicy(needs.access, needs.byDefault, needs.clock))
    .step(refuseBody)
    .step(chooseBody)
    .step(makeGrantRequestExpiry(needs.random))
    .step(makeBegin(needs))
    .step(makeAnswerSubscribe(needs));

  const inDialog = walk<Incoming>()
    .step(refuseExtensions)
    .step(makeFindPackage(needs.registry))
    .step(makeMatchSubscription(needs.watchBook))
    .step(needs.rates.admitSource)
    .step(makeAuthenticate(needs))
    .step(needs.rates.admitAccount)
    .step(sameWatcher)
    .step(refuseSharing)
    .step(checkOrder)
    .step(refuseBody)
    .step(chooseBody)
    .step(makeGrantRequestExpiry(needs.random))
    .step(makeRefresh(needs))
    .step(makeAnswerSubscribe(needs));

  const receive = makeReceive(needs);
  return (incoming) => {
    const { params } = incoming.request.to;
    const table = params.has('tag') ? inDialog : initial;
    return receive(incoming, () => table.run(incoming));
  };
}
